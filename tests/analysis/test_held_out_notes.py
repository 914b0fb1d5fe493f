"""Figures say when runs were tested on held-out episodes."""

from types import SimpleNamespace

from analysis.dataset.rules import held_out_call_out


def runs(*counts):
    return [SimpleNamespace(meta={"held_out_tests": count}) for count in counts]


def test_one_number_is_called_out():
    said = held_out_call_out("qmix on terran_5_vs_5", runs(32, 32))
    assert said == [
        "qmix on terran_5_vs_5: tested on 32 held-out episodes that training never plays"
    ]


def test_nothing_is_said_where_there_are_none():
    assert held_out_call_out("qmix on 3m", runs(0, None)) == []


def test_different_numbers_are_called_out():
    (said,) = held_out_call_out("qmix on 3m", runs(32, None))
    assert "different numbers of held-out test episodes (none, 32); pooled" in said
