//! Finds the layer that makes the classes: backwards from an output, through what only
//! normalises, pools or reshapes, to the last layer with weights.

use super::drafts::Drafts;
use crate::edit::draft::{Draft, Step, StepId};
use crate::edit::work::count;
use crate::error::Result;
use crate::model::{AttributeValue, Dim, Tensor};

/// A layer on the way, at most.
const MOST_STEPS: usize = 64;

/// How the new weights are multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gemm,
    MatMul,
    Conv,
}

/// A constant, and what stands between it and its use.
#[derive(Clone, Debug)]
pub(super) struct Weight<'m> {
    /// The slot of the layer that takes it.
    pub(super) slot: usize,
    pub(super) tensor: &'m Tensor,
    /// The name of the stored constant, or of the value that provides it.
    pub(super) name: String,
    /// The step that takes it, with the slot, if between that and the layer is only what
    /// used by the layer alone: then new content can replace the old in its place.
    pub(super) taker: Option<(StepId, usize)>,
    /// Whether a `Transpose` stands between.
    pub(super) transposed: bool,
    /// The scale and zero point, if it is stored as integers.
    pub(super) scale: Option<Scale<'m>>,
}

/// How stored integers are dequantized: `(q - zero) * factor`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale<'m> {
    pub(super) factor: &'m Tensor,
    pub(super) zero: Option<&'m Tensor>,
    /// The axis along which they differ, if there is more than one.
    pub(super) axis: i64,
}

/// The bias: a slot of the layer, or of an `Add` after it.
#[derive(Clone, Debug)]
pub(super) struct Bias<'m> {
    pub(super) step: StepId,
    pub(super) weight: Weight<'m>,
}

/// The scale and zero point of quantized features: the names of the values.
#[derive(Clone, Debug)]
pub(super) struct Quantized {
    pub(super) scale: String,
    pub(super) zero: Option<String>,
}

/// A layer whose result the classes are.
#[derive(Clone, Debug)]
pub(super) struct Found<'m> {
    pub(super) step: StepId,
    pub(super) kind: Kind,
    /// The value that it takes.
    pub(super) features: String,
    /// If that is quantized, how.
    pub(super) quantized: Option<Quantized>,
    /// Whether the layer can stay, and only its weights change.
    pub(super) stays: bool,
    pub(super) weight: Weight<'m>,
    /// Whether the weights have the classes first.
    pub(super) classes_first: bool,
    pub(super) bias: Option<Bias<'m>>,
    /// Whether the layer has a bias that is not a stored constant.
    pub(super) computed_bias: bool,
    pub(super) classes: i64,
    pub(super) width: i64,
    /// The steps that dequantize integer products; they are removed with the layer.
    pub(super) rescale: Vec<StepId>,
    /// The steps after it, up to the output.
    pub(super) tail: Vec<StepId>,
    /// The number of the graph's output that it was found from.
    pub(super) output: usize,
    /// Whether it, or the way to it, is in the body of a function.
    pub(super) in_function: bool,
}

/// Looks for the layer upstream of the graph's output `number`.
///
/// # Errors
/// If it is in a function whose call cannot be inlined.
pub(super) fn upstream<'m>(drafts: &mut Drafts<'m>, number: usize) -> Result<Option<Found<'m>>> {
    count(|work| work.searches += 1);
    let mut value = drafts.plain.outputs[number].clone();
    let mut tail: Vec<StepId> = Vec::new();
    let mut in_function = false;
    for _ in 0..MOST_STEPS {
        let draft = if in_function { drafts.latest() } else { &drafts.plain };
        let Some(id) = draft.definer(&value) else { return Ok(None) };
        if draft.is_call(id) {
            drafts.inline(id, number)?;
            in_function = true;
            continue;
        }
        if let Some(mut found) = layer(draft, id) {
            tail.reverse();
            found.tail = tail;
            found.output = number;
            found.in_function = in_function;
            add_surroundings(draft, &mut found);
            return Ok((found.is_sound() && !makes_features(draft, &found)).then_some(found));
        }
        let Some(next) = passed(draft, id) else { return Ok(None) };
        tail.push(id);
        value = next;
    }
    Ok(None)
}

/// Whether a step computes the index of the best class.
pub(super) fn picks(step: &Step) -> bool {
    ["ArgMax", "TopK"].contains(&step.op.as_str())
}

impl Found<'_> {
    fn is_sound(&self) -> bool {
        self.classes > 0 && self.width > 0
    }
}

/// Whether a layer ends as layers of features do: in Relu, and no mean over a map follows.
fn makes_features(draft: &Draft, found: &Found) -> bool {
    let op = |id: &StepId| draft.step(*id).op.as_str();
    found.tail.iter().any(|id| op(id) == "Relu") && !found.tail.iter().any(|id| pools(op(id)))
}

fn pools(op: &str) -> bool {
    op.contains("Pool") || op == "ReduceMean" || op == "ReduceMax"
}

/// The value that goes through a step which makes no features; `None` for other steps.
fn passed(draft: &Draft, id: StepId) -> Option<String> {
    const PASS: &[&str] = &[
        "Identity",
        "Cast",
        "Dropout",
        "Flatten",
        "Reshape",
        "Squeeze",
        "Unsqueeze",
        "Transpose",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "AveragePool",
        "MaxPool",
        "ReduceMean",
        "ReduceMax",
        "Softmax",
        "LogSoftmax",
        "Sigmoid",
        "Log",
        "Relu",
        "QuantizeLinear",
        "DequantizeLinear",
        "ArgMax",
        "TopK",
        "Slice",
        "Gather",
    ];
    let step = draft.step(id);
    // Names in the place of numbers, so that what names the old classes is found.
    if step.domain == "ai.onnx.ml" && ["LabelEncoder", "ZipMap"].contains(&step.op.as_str()) {
        return step.input(0).map(str::to_owned);
    }
    if !step.domain.is_empty() && step.domain != "com.microsoft" {
        return None;
    }
    let data = match step.op.as_str() {
        "Gather" if constant(draft, step.input(0)?).is_some() => step.input(1)?,
        op if PASS.contains(&op) => step.input(0)?,
        "Add" | "Sub" | "Mul" | "Div" => {
            let (a, b) = (step.input(0)?, step.input(1)?);
            match (constant(draft, a).is_some(), constant(draft, b).is_some()) {
                (false, true) => a,
                (true, false) if step.op != "Div" => b,
                // A product of integers times its scale.
                (false, false) if step.op == "Mul" && from_integers(draft, a) => a,
                (false, false) if step.op == "Mul" && from_integers(draft, b) => b,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(data.to_owned())
}

fn from_integers(draft: &Draft, value: &str) -> bool {
    let cast = draft.definer(value).map(|id| draft.step(id)).filter(|s| s.is("Cast"));
    let product = cast.and_then(|s| draft.definer(s.input(0)?)).map(|id| draft.step(id));
    product.is_some_and(|s| s.is("MatMulInteger") || s.is("ConvInteger"))
}

/// The stored content that a value is, through what only changes its form.
pub(super) fn constant<'m>(draft: &Draft<'m>, value: &str) -> Option<Weight<'m>> {
    let mut name = value.to_owned();
    let (mut transposed, mut scale, mut taker, mut alone) = (false, None, None, true);
    for _ in 0..MOST_STEPS {
        let weight = |tensor: &'m Tensor, name: String, taker: Option<(StepId, usize)>| {
            Some(Weight { slot: 0, tensor, name, taker, transposed, scale })
        };
        if let Some(tensor) = draft.stored(&name) {
            return weight(tensor, name, taker.filter(|_| alone));
        }
        let id = draft.definer(&name)?;
        let step = draft.step(id);
        if step.is("Constant") {
            let Some(AttributeValue::Tensor(tensor)) = step.attribute("value") else { return None };
            return weight(tensor, name, taker.filter(|_| alone));
        }
        alone &= draft.uses(&name) == 1;
        match step.op.as_str() {
            "Identity" => {}
            "Cast" | "Dropout" => alone = false,
            "Transpose" => match step.attribute("perm") {
                None => transposed = !transposed,
                Some(AttributeValue::Ints(perm)) if *perm == [1, 0] => transposed = !transposed,
                _ => return None,
            },
            "DequantizeLinear" if scale.is_none() => {
                alone = false;
                let zero = step.input(2).and_then(|z| draft.stored(z));
                let factor = draft.stored(step.input(1)?)?;
                scale = Some(Scale { factor, zero, axis: step.int("axis", 1) });
            }
            _ => return None,
        }
        taker = Some((id, 0));
        name = step.input(0)?.to_owned();
    }
    None
}

/// How an operator of weights takes its operands.
struct Form {
    kind: Kind,
    /// The slots of its weights and bias; its features are the first operand.
    weight: usize,
    bias: Option<usize>,
    /// Whether it can stay when its weights are floats.
    stays: bool,
}

/// The form of an operator of weights; `None` for other operators.
fn form(step: &Step) -> Option<Form> {
    let form = |kind, weight, bias, stays| Some(Form { kind, weight, bias, stays });
    let microsoft = step.domain == "com.microsoft";
    if !step.domain.is_empty() && !microsoft {
        return None;
    }
    match step.op.as_str() {
        "Gemm" if step.int("transA", 0) == 0 => form(Kind::Gemm, 1, Some(2), true),
        "MatMul" => form(Kind::MatMul, 1, None, true),
        "FusedMatMul" if microsoft && step.int("transA", 0) == 0 => form(Kind::MatMul, 1, None, true),
        "Conv" | "FusedConv" if step.int("group", 1) == 1 => form(Kind::Conv, 1, Some(2), step.op == "Conv"),
        "QLinearMatMul" => form(Kind::MatMul, 3, None, false),
        "QLinearConv" if step.int("group", 1) == 1 => form(Kind::Conv, 3, Some(8), false),
        "QGemm" if microsoft && step.int("transA", 0) == 0 => form(Kind::Gemm, 3, Some(6), false),
        "MatMulInteger" => form(Kind::MatMul, 1, None, false),
        "DynamicQuantizeMatMul" if microsoft => form(Kind::MatMul, 1, Some(4), false),
        "MatMulIntegerToFloat" if microsoft => form(Kind::MatMul, 1, Some(6), false),
        "MatMulNBits" if microsoft => form(Kind::MatMul, 1, Some(5), false),
        _ => None,
    }
}

/// The layer that a step of weights is; `None` for other steps.
pub(super) fn layer<'m>(draft: &Draft<'m>, id: StepId) -> Option<Found<'m>> {
    let step = draft.step(id);
    let form = form(step)?;
    let constant_at = |slot: usize| Some(Weight { slot, ..constant(draft, step.input(slot)?)? });
    let mut weight = constant_at(form.weight)?;
    let classes_first = form.kind == Kind::Conv || step.int("transB", 0) == 1;
    let (classes, width) = match step.op.as_str() {
        "MatMulNBits" => (step.int("N", 0), step.int("K", 0)),
        _ => sizes(&weight, form.kind, classes_first)?,
    };
    if !form.stays && weight.scale.is_none() {
        weight.scale = scale_of(draft, step.op.as_str(), &step.inputs);
    }
    let bias = form.bias.and_then(constant_at).map(|weight| Bias { step: id, weight });
    let computed_bias = bias.is_none() && form.bias.is_some_and(|slot| step.input(slot).is_some());
    let name = |slot: usize| step.input(slot).map(str::to_owned);
    let quantized = match step.op.as_str() {
        "QLinearMatMul" | "QLinearConv" | "QGemm" => Some(Quantized { scale: name(1)?, zero: name(2) }),
        "MatMulIntegerToFloat" => Some(Quantized { scale: name(2)?, zero: name(4) }),
        _ => None,
    };
    Some(Found {
        step: id,
        kind: form.kind,
        features: name(0)?,
        quantized,
        stays: form.stays,
        weight,
        classes_first,
        bias,
        computed_bias,
        classes,
        width,
        rescale: Vec::new(),
        tail: Vec::new(),
        output: 0,
        in_function: false,
    })
}

/// The number of classes and of features that weights have.
fn sizes(weight: &Weight, kind: Kind, classes_first: bool) -> Option<(i64, i64)> {
    let dims = &weight.tensor.dims;
    match kind {
        Kind::Conv if dims.len() >= 3 && !weight.transposed => Some((dims[0], dims[1])),
        Kind::Conv => None,
        _ => match dims[..] {
            [a, b] if classes_first != weight.transposed => Some((a, b)),
            [a, b] => Some((b, a)),
            _ => None,
        },
    }
}

/// The scale and zero point of weights that an operator takes as integers.
fn scale_of<'m>(draft: &Draft<'m>, op: &str, inputs: &[String]) -> Option<Scale<'m>> {
    let (scale, zero, axis) = match op {
        "QLinearMatMul" | "QGemm" => (4, 5, 1),
        "QLinearConv" => (4, 5, 0),
        "DynamicQuantizeMatMul" => (2, 3, 1),
        "MatMulIntegerToFloat" => (3, 5, 1),
        _ => return None,
    };
    let stored = |slot: usize| inputs.get(slot).and_then(|name| draft.stored(name));
    Some(Scale { factor: stored(scale)?, zero: stored(zero), axis })
}

/// Adds what belongs to the layer and follows it: an `Add` of its bias, and what makes
/// numbers of a product of integers.
fn add_surroundings<'m>(draft: &Draft<'m>, found: &mut Found<'m>) {
    if draft.step(found.step).op == "MatMulInteger" {
        // The features before they became integers.
        if let Some(quantize) = draft.definer(&found.features).map(|id| draft.step(id))
            && (quantize.is("DynamicQuantizeLinear") || quantize.is("QuantizeLinear"))
        {
            found.features = quantize.inputs[0].clone();
        }
        let ints = draft.step(found.step);
        let scaled: Vec<StepId> = found.tail.iter().take(2).copied().collect();
        found.weight.scale = scaled.iter().find_map(|&id| product_scale(draft, id)).map(|factor| Scale {
            factor,
            zero: ints.input(3).and_then(|zero| draft.stored(zero)),
            axis: 1,
        });
        found.rescale =
            scaled.into_iter().filter(|&id| ["Cast", "Mul"].contains(&draft.step(id).op.as_str())).collect();
        found.tail.retain(|id| !found.rescale.contains(id));
    }
    if found.bias.is_some() || found.kind == Kind::Conv {
        return;
    }
    let plain = |id: &&StepId| {
        !["Identity", "Cast", "QuantizeLinear", "DequantizeLinear"].contains(&draft.step(**id).op.as_str())
    };
    let Some(&id) = found.tail.iter().find(plain) else { return };
    let step = draft.step(id);
    if !step.is("Add") {
        return;
    }
    for slot in 0..2 {
        if let Some(mut weight) = step.input(slot).and_then(|name| constant(draft, name))
            && weight.tensor.dims.last() == Some(&found.classes)
            && weight.tensor.elements() == u64::try_from(found.classes).ok()
        {
            weight.slot = slot;
            found.bias = Some(Bias { step: id, weight });
            return;
        }
    }
}

/// The scale of the weights, in `product * (scale of the features * scale of the weights)`.
fn product_scale<'m>(draft: &Draft<'m>, id: StepId) -> Option<&'m Tensor> {
    let step = draft.step(id);
    let scales = step.inputs.iter().filter_map(|name| draft.definer(name)).map(|id| draft.step(id));
    scales
        .filter(|s| step.is("Mul") && s.is("Mul"))
        .find_map(|product| product.inputs.iter().find_map(|name| draft.stored(name)))
}

/// The confidence that a layer makes the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It may make features as well.
    Unsure,
    /// It looks like one, in an unusual way.
    Likely,
    /// It is one.
    Certain,
}

impl Confidence {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Unsure => "unsure",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

/// The confidence, and why it is not higher.
pub(super) fn confidence(draft: &Draft, found: &Found) -> (Confidence, String) {
    let op = |id: &StepId| draft.step(*id).op.as_str();
    let pool = found.tail.iter().position(|id| pools(op(id)));
    let activated = found.tail.iter().any(|id| ["Softmax", "LogSoftmax", "Sigmoid"].contains(&op(id)));
    let result = draft.ty(draft.step(found.step).output()).and_then(|ty| ty.shape.as_ref());
    let rank = result.map(|shape| shape.0.len());
    if found.kind == Kind::Conv {
        let one = result.is_some_and(|s| s.0.iter().skip(2).all(|d| *d == Dim::Known(1)));
        // Detectors cut the channels of a map into boxes, and their scores into classes.
        let cut = found.tail.iter().any(|id| ["Reshape", "Slice", "Gather"].contains(&op(id)));
        return match (pool, one, activated && !cut) {
            (Some(_), ..) => (Confidence::Likely, "a convolution whose map is pooled".into()),
            (None, true, _) => (Confidence::Likely, "a convolution on a map of one point".into()),
            (None, _, true) => (Confidence::Likely, "a convolution that makes classes of each point".into()),
            _ => (
                Confidence::Unsure,
                "a convolution whose map is the output: classes of points, or features".into(),
            ),
        };
    }
    let shared = draft.uses(&found.weight.name) > 1;
    match rank {
        _ if !found.stays || found.weight.scale.is_some() => {
            (Confidence::Likely, "its weights are quantized".into())
        }
        Some(2) | None => (Confidence::Certain, String::new()),
        Some(_) if shared => {
            (Confidence::Likely, "its weights serve elsewhere too, as those of an embedding".into())
        }
        Some(rank) => (Confidence::Likely, format!("it makes classes for each position (rank {rank})")),
    }
}
