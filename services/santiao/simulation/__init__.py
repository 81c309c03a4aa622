"""The city simulator: invents a city of any size and delivers it as its agencies would, with the truth beside it.

Everything follows from `SimulationSettings` alone: the same settings give the same bytes. Nobody in it exists.
"""
