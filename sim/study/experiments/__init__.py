"""Experiments: many simulated worlds under many schedules, from one file to answers.

`experiment` reads the file, `design` chooses the points, `plan` numbers the runs, `task` makes them,
`store` keeps them, `sweep` sees to it that all are made once, and `decide`, `importance`, `discovery` and
`convergence` say what came out.
"""
