"""What users can rely on: the names of the package, and what the wheel's metadata promises."""

import topicgpu


def test_every_public_name_is_there() -> None:
    for name in topicgpu.__all__:
        assert getattr(topicgpu, name) is not None


def test_the_surface_is_small() -> None:
    assert len(topicgpu.__all__) <= 20


def test_a_wrong_name_is_an_attribute_error() -> None:
    assert not hasattr(topicgpu, "nothing_of_the_kind")


def test_run_is_the_function_not_a_module() -> None:
    import topicgpu.api

    assert topicgpu.run is topicgpu.api.run
    assert topicgpu.Run is topicgpu.api.Run
