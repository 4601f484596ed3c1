from collections.abc import Iterator

import pytest

from tests.postgres import Cluster, start_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with start_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres(cluster: Cluster) -> Cluster:
    cluster.clean()
    return cluster
