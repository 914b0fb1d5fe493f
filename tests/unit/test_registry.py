"""Registries: names, guesses, classes that are imported late, and the models of their keys."""

import sys

import pytest
from pydantic import BaseModel

from pymarl.errors import RegistryError
from pymarl.utils.registry import Entry, Registry


class Model(BaseModel):
    pass


class Other(BaseModel):
    pass


@pytest.fixture
def registry():
    entries = {
        "one": "colorsys:rgb_to_hsv",
        "two": Entry("json:JSONDecoder", "json:JSONEncoder"),
        "wrong": "json:NoSuchClass",
        "missing": "no_such_module_here:Class",
    }
    return Registry("thing", entries, config="pydantic:BaseModel")


def test_a_class_is_imported_when_it_is_asked_for(registry, monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert "one" in registry
    assert list(registry)[:2] == ["one", "two"]
    assert registry.problem("one") is None
    assert "colorsys" not in sys.modules
    assert registry["one"] is sys.modules["colorsys"].rgb_to_hsv
    assert registry["one"] is registry["one"]


def test_the_model_of_a_name_is_its_own_or_the_registrys(registry):
    from json import JSONEncoder

    assert registry.config_of("two") is JSONEncoder
    assert registry.config_of("one") is BaseModel


def test_code_of_the_users_own_is_added_as_in_pymarl(registry):
    registry["mine"] = dict
    assert registry["mine"] is dict
    assert registry.config_of("mine") is BaseModel
    registry.add("own", list, Model)
    assert (registry["own"], registry.config_of("own")) == (list, Model)
    # A class that takes a known name's place has the keys of that name.
    registry["own"] = set
    assert (registry["own"], registry.config_of("own")) == (set, Model)
    registry.add("own", set, Other)
    assert registry.config_of("own") is Other
    del registry["own"]
    assert "own" not in registry


@pytest.mark.parametrize("name", ["onne", ["one"], None, 1])
def test_an_unknown_name_is_listed_with_a_guess(registry, name):
    expected = "unknown; known: one, two, wrong, missing"
    assert registry.problem(name).startswith(expected)
    with pytest.raises(RegistryError) as caught:
        registry[name]
    assert str(caught.value).startswith(f"thing={name!r}: {expected}")


def test_a_guess_is_the_nearest_name(registry):
    with pytest.raises(KeyError, match="did you mean 'one'"):
        registry["onne"]
    assert registry.get("onne") is None


@pytest.mark.parametrize(
    ("name", "reason"), [("wrong", "AttributeError"), ("missing", "ModuleNotFoundError")]
)
def test_a_class_that_cannot_be_imported_is_one_line(registry, name, reason):
    with pytest.raises(RegistryError, match=f"thing='{name}': cannot import '.*': {reason}: "):
        registry[name]
