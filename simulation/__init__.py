"""A clinic that runs by itself: the real operations on a clock of its own, with trouble, checked each day.

Patients book, move, cancel, miss, answer texts and share phones; the desk and practitioners do their work;
the scheduler ticks and is killed; the provider has storms. One seed is one run (docs/reliability.md).
"""
