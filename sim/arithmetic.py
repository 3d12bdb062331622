"""Elementary functions that give the same bits on every machine.

`math.exp` and `math.log` come from the platform's C library, and the last bit of their result can
depend on the library's version and on the processor. One flipped bit can turn one decision and,
from there, a whole run. These versions use only additions, multiplications, divisions and exact
scaling by powers of two, which IEEE 754 fixes to the bit, so that a run can be reproduced
anywhere. Their relative error is below 1e-8 (tests compare them with `math`): more than enough for
rules whose parameters are known to a digit or two, and more digits would cost half the run's time.

`sqrt` is exact by IEEE 754 and is used as it is.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import compiled

LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01  # leading bits of ln 2: k * LN2_HIGH is exact for |k| < 2**20
LN2_LOW = 1.90821492927058770002e-10  # the rest of ln 2
SQRT_HALF = 0.7071067811865476
C3, C4, C5, C6, C7 = (1.0 / math.factorial(n) for n in range(3, 8))
O3, O5, O7, O9, O11 = (1.0 / n for n in range(3, 13, 2))
_FRACTION = np.int64((1 << 52) - 1)  # the bits of a double that hold its fraction
_EXPONENT_OF_HALF = np.int64(1022 << 52)


@compiled
def exp(x: float) -> float:
    """Return e**x. Below -708 it returns 0, above 709 infinity."""
    if x < -708.0:
        return 0.0
    if x > 709.0:
        return math.inf
    k = math.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW  # |r| <= ln(2)/2
    # sum of r**n / n! to n = 7, grouped in pairs so that a processor can work on several at once
    r2 = r * r
    low = (1.0 + r) + r2 * (0.5 + r * C3)
    high = (C4 + r * C5) + r2 * (C6 + r * C7)
    s = low + r2 * r2 * high
    return s * np.int64((int(k) + 1023) << 52).view(np.float64)  # times 2**k, exact


@compiled
def log(x: float) -> float:
    """Return the natural logarithm of x >= 2**-1022; minus infinity for 0 and below."""
    if x <= 0.0:
        return -math.inf
    bits = np.float64(x).view(np.int64)
    k = (bits >> 52) - 1022  # x = m * 2**k with 0.5 <= m < 1, read off the bits
    m = np.int64((bits & _FRACTION) | _EXPONENT_OF_HALF).view(np.float64)
    if m < SQRT_HALF:
        m = m * 2.0
        k = k - 1
    s = (m - 1.0) / (m + 1.0)  # log(m) = 2 artanh(s), |s| < 0.172
    z = s * s
    z2 = z * z
    series = (O3 + z * O5) + z2 * ((O7 + z * O9) + z2 * O11)
    return k * LN2_HIGH + (k * LN2_LOW + 2.0 * s * (1.0 + z * series))


@compiled
def power(base: float, exponent: float) -> float:
    """Return base**exponent for base >= 0; 0**exponent is 0."""
    if base <= 0.0:
        return 0.0
    if exponent == 1.0:
        return base
    return exp(exponent * log(base))


@compiled
def logistic(x: float) -> float:
    """Return 1 / (1 + e**-x), between 0 and 1."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    e = exp(x)
    return e / (1.0 + e)


@compiled
def clip(x: float, low: float, high: float) -> float:
    """Return x held between low and high."""
    return low if x < low else (high if x > high else x)


@compiled
def either(a: float, b: float) -> float:
    """Return the chance (0-1) that at least one of two independent things happens, of chances `a` and `b`."""
    return 1.0 - (1.0 - a) * (1.0 - b)
