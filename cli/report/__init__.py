"""An audit as a file, for people and for programs: one module for each format.

Every writer takes one server's report after the other, so that a fleet of any size can be written.
"""
