"""Disagreements that the operator's definition leaves open, each with its reason.

A rule says for which elements of the output the definition gives no number; the others must agree.
"""

import numpy as np
from onnx import helper

from outcome import differs


def attribute(node, name, default=None):
    for a in node.attribute:
        if a.name == name:
            return helper.get_attribute_value(a)
    return default


def cast_out_of_range(node, ins, out):
    """Cast and CastLike of NaN, infinities and numbers beyond the integer type."""
    x = ins[0]
    if x.dtype.kind != "f" or out.dtype.kind not in "iu":
        return None
    info = np.iinfo(out.dtype)
    with np.errstate(all="ignore"):
        t = np.trunc(x.astype(np.float64))
        return ~np.isfinite(x) | (t < float(info.min)) | (t >= float(info.max) + 1)


def divided_by_zero(node, ins, out):
    if out.dtype.kind not in "iu":
        return None
    a, b = np.broadcast_arrays(*ins[:2])
    return (b == 0) | ((a == np.iinfo(a.dtype).min) & (b == -1)) if a.dtype.kind == "i" else b == 0


def not_finite(node, ins, out):
    """The scale of such a tensor is infinite or NaN, and rounding NaN gives no integer."""
    return np.full(out.shape, not np.all(np.isfinite(ins[0])))


def quantised_nan(node, ins, out):
    if out.dtype.kind not in "iu" or ins[1].size != 1:
        return None
    with np.errstate(all="ignore"):
        return np.isnan(ins[0] / ins[1].reshape(()))


RULES = {
    "DynamicQuantizeLinear": (not_finite, "numbers that are not finite have no scale"),
    "QuantizeLinear": (quantised_nan, "NaN has no defined integer"),
    "Cast": (cast_out_of_range, "a float outside of the integer type has no defined integer"),
    "CastLike": (cast_out_of_range, "a float outside of the integer type has no defined integer"),
    "Div": (divided_by_zero, "an integer divided by zero is not defined"),
    "Mod": (divided_by_zero, "an integer divided by zero is not defined"),
}


def left_open(group, numbers, ours, theirs, wrong, model):
    """The reason why this difference is no fault of either, or nothing."""
    if len(group) != 1 or group[0].op_type not in RULES:
        return None
    node = group[0]
    rule, reason = RULES[node.op_type]
    try:
        ins = [np.asarray(numbers[i]) for i in node.input if i]
        for name in wrong:
            a, b = np.asarray(ours[name]), np.asarray(theirs[name])
            mask = rule(node, ins, b)
            if mask is None or a.shape != b.shape or not np.any(mask):
                return None
            keep = ~np.broadcast_to(mask, b.shape)
            if differs(a[keep], b[keep]):
                return None
        return reason
    except (KeyError, ValueError):
        return None
