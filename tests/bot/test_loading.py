"""Loading stands aside for turns, and comes to an end all the same."""

from __future__ import annotations

import sys
import threading

from bot.loading import Traffic


def step() -> int:
    return 1


def work(traffic: Traffic, done: threading.Event) -> None:
    with traffic.giving_way():
        for _ in range(200_000):
            step()
    done.set()


def test_work_ends_though_a_turn_is_on_its_way_all_the_time() -> None:
    traffic, done = Traffic(), threading.Event()
    with traffic.turn():
        thread = threading.Thread(target=work, args=(traffic, done))
        thread.start()
        assert done.wait(60)
    thread.join()


def test_work_stands_aside_while_a_turn_is_on_its_way() -> None:
    traffic, steps, ended = Traffic(), [0], threading.Event()

    def count() -> None:
        with traffic.giving_way():
            while not ended.is_set():
                step()
                steps[0] += 1

    thread = threading.Thread(target=count)
    with traffic.turn():
        thread.start()
        ended.wait(1.0)
        beside = steps[0]
    ended.wait(1.0)
    alone = steps[0] - beside
    ended.set()
    thread.join()
    assert beside < alone


def test_nothing_is_left_behind() -> None:
    traffic = Traffic()
    before = sys.getprofile()
    with traffic.giving_way():
        assert sys.getprofile() is not before
    assert sys.getprofile() is before
