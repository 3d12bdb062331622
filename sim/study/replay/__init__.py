"""Sub-models judged alone, by replay: what people do, given the violence or the number who flee.

`forced`: recorded incidents happen in place of what armed groups would do. `camps`: refugees arrive in camps
by the rule of refuges, given how many come. `skill`: forecasts against naive ones.
"""
