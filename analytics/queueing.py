"""How long calls wait for a free server: the check on a fleet that was sized by the peak minute."""

import math


def erlang_c(servers: int, offered_load: float) -> float:
    """Chance that an arriving call must wait, Poisson arrivals and exponential service; 1 when overloaded.

    offered_load: calls a second / calls a second of one server [servers].

    >>> round(erlang_c(5, 10 / 3), 10)
    0.32666928
    """
    if offered_load >= servers:
        return 1.0
    blocked = 1.0  # Erlang B by its recursion, which does not overflow
    for count in range(1, servers + 1):
        blocked = offered_load * blocked / (count + offered_load * blocked)
    utilisation = offered_load / servers
    return blocked / (1 - utilisation * (1 - blocked))


def mean_wait_s(
    servers: int, arrivals_rps: float, service_rps: float, arrival_scv: float = 1.0, service_scv: float = 1.0
) -> float:
    """Mean time in the queue: C(k, lambda/mu) / (k mu - lambda) x (C_a^2 + C_s^2) / 2 (Allen 1990, Cunneen).

    arrival_scv, service_scv: squared coefficients of variation of the times between calls and of service; traffic of
    people is burstier than Poisson's 1. Infinite when overloaded.

    >>> round(mean_wait_s(5, 10, 3), 10), round(mean_wait_s(5, 10, 3, 4, 1.5), 10)
    (0.065333856, 0.179668104)
    """
    spare = servers * service_rps - arrivals_rps
    if spare <= 0:
        return math.inf
    return erlang_c(servers, arrivals_rps / service_rps) / spare * (arrival_scv + service_scv) / 2
