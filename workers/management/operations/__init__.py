"""What an operator does by command: back up, restore, examine, check a delivery.

Invariant: nothing here runs in a web process or a worker.
"""
