//! A recurrent layer: its operands, its directions, and its outputs.

use super::activation::Activation;
use super::cell::{Cell, Kind, Matrix};
use crate::eval::elements::{count, filled, view};
use crate::eval::wide::{engine_form, narrow, rounded, wide};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// `RNN`: `Ht = f(Xt·Wᵀ + Ht-1·Rᵀ + Wb + Rb)`.
pub(super) fn rnn(call: &Call<'_>, engine: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    run(call, engine, Kind::Rnn, &["Tanh"])
}

/// `GRU`: an update gate, a reset gate, and a hidden one.
pub(super) fn gru(call: &Call<'_>, engine: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let linear_before_reset = call.int("linear_before_reset", 0)? != 0;
    run(call, engine, Kind::Gru { linear_before_reset }, &["Sigmoid", "Tanh"])
}

/// `LSTM`: gates for input, output, forgetting, and the cell.
pub(super) fn lstm(call: &Call<'_>, engine: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let input_forget = call.int("input_forget", 0)? != 0;
    run(call, engine, Kind::Lstm { input_forget }, &["Sigmoid", "Tanh", "Tanh"])
}

fn run(
    call: &Call<'_>,
    engine: &mut dyn Engine,
    kind: Kind,
    functions: &[&str],
) -> Result<Vec<Value>, Failure> {
    let layer = Layer::of(call, kind)?;
    let activations = Activation::all(call, functions, layer.directions.len())?;
    let mut out = Outputs {
        y: filled(
            count(&[layer.steps, layer.directions.len(), layer.batch, layer.hidden].map(|n| n as i64))?,
            0.0,
        )?,
        h: layer.initial(call, 5)?,
        c: if matches!(kind, Kind::Lstm { .. }) { layer.initial(call, 6)? } else { Vec::new() },
    };
    for (number, functions) in activations.chunks(functions.len()).enumerate() {
        let inputs = layer.weighted(call, engine, number)?;
        let cell = layer.cell(call, number, functions)?;
        layer.direction(&cell, number, inputs, &mut out)?;
    }
    layer.results(out)
}

/// The order in which a direction goes through a sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Forward,
    Reverse,
}

/// The order of axes in inputs, outputs and states.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Steps, (directions,) batch, size.
    StepsFirst,
    /// Batch, steps, (directions,) size.
    BatchFirst,
}

struct Layer {
    kind: Kind,
    dtype: DType,
    layout: Layout,
    directions: Vec<Order>,
    steps: usize,
    batch: usize,
    input: usize,
    hidden: usize,
    clip: Option<f64>,
    /// The length of each sequence.
    lengths: Vec<usize>,
}

/// Outputs in the layer's layout.
struct Outputs {
    y: Vec<f64>,
    h: Vec<f64>,
    c: Vec<f64>,
}

impl Layer {
    fn of(call: &Call<'_>, kind: Kind) -> Result<Self, Failure> {
        let (x, w, r) = (call.array(0)?, call.array(1)?, call.array(2)?);
        let layout = match call.int("layout", 0)? {
            0 => Layout::StepsFirst,
            1 => Layout::BatchFirst,
            other => return Failure::invalid(format!("the layout {other}")),
        };
        let directions = match call.text("direction", "forward")?.to_ascii_lowercase().as_str() {
            "forward" => vec![Order::Forward],
            "reverse" => vec![Order::Reverse],
            "bidirectional" => vec![Order::Forward, Order::Reverse],
            other => return Failure::invalid(format!("the direction `{other}`")),
        };
        let &[first, second, input] = x.dims.as_slice() else {
            return Failure::invalid("X has not 3 axes");
        };
        let &[_, _, hidden] = r.dims.as_slice() else {
            return Failure::invalid("R has not 3 axes");
        };
        if call.maybe_int("hidden_size")?.is_some_and(|given| given != hidden) {
            return Failure::invalid("hidden_size is not that of R");
        }
        let (steps, batch) = if layout == Layout::StepsFirst { (first, second) } else { (second, first) };
        count(&x.dims)?;
        let (gates, sides) = (kind.gates() as i64, directions.len() as i64);
        let wide = hidden.checked_mul(gates).filter(|_| hidden >= 0);
        let wide = wide.ok_or_else(|| Failure::Invalid(format!("R has {hidden} columns")))?;
        shaped("W", w, &[sides, wide, input])?;
        shaped("R", r, &[sides, wide, hidden])?;
        for (name, slot, dims) in
            [("B", 3, vec![sides, wide.saturating_mul(2)]), ("P", 7, vec![sides, hidden.saturating_mul(3)])]
        {
            if let Some(array) = call.maybe(slot)? {
                shaped(name, array, &dims)?;
            }
        }
        let clip = call.maybe_float("clip")?.map(f64::from);
        if clip.is_some_and(|clip| clip.is_nan() || clip < 0.0) {
            return Failure::invalid("a negative clip");
        }
        let (steps, batch) = (steps as usize, batch as usize);
        let (input, hidden) = (input as usize, hidden as usize);
        let lengths = lengths(call, steps, batch)?;
        Ok(Layer { kind, dtype: x.dtype, layout, directions, steps, batch, input, hidden, clip, lengths })
    }

    /// Where a row of the states of one direction begins.
    fn state(&self, direction: usize, b: usize) -> usize {
        self.hidden
            * match self.layout {
                Layout::StepsFirst => direction * self.batch + b,
                Layout::BatchFirst => b * self.directions.len() + direction,
            }
    }

    /// The number of a step's row in the input, and of the one in the output.
    fn row(&self, direction: usize, t: usize, b: usize) -> (usize, usize) {
        let sides = self.directions.len();
        match self.layout {
            Layout::StepsFirst => (t * self.batch + b, (t * sides + direction) * self.batch + b),
            Layout::BatchFirst => (b * self.steps + t, (b * self.steps + t) * sides + direction),
        }
    }

    /// An initial state: zeros, if it is left out.
    fn initial(&self, call: &Call<'_>, slot: usize) -> Result<Vec<f64>, Failure> {
        let dims = self.state_dims();
        match call.maybe(slot)? {
            None => filled(count(&dims)?, 0.0),
            Some(array) => {
                shaped("an initial state", array, &dims)?;
                self.typed(array)
            }
        }
    }

    fn state_dims(&self) -> [i64; 3] {
        let (sides, batch) = (self.directions.len(), self.batch);
        let (first, second) = if self.layout == Layout::StepsFirst { (sides, batch) } else { (batch, sides) };
        [first as i64, second as i64, self.hidden as i64]
    }

    /// An operand's numbers; it must be of the layer's type.
    fn typed(&self, array: &Array) -> Result<Vec<f64>, Failure> {
        if array.dtype != self.dtype {
            return Failure::invalid(format!("{} and {} in one layer", array.dtype, self.dtype));
        }
        wide(array)
    }

    /// A direction's part of an operand, or nothing, if it is left out.
    fn part(&self, call: &Call<'_>, slot: usize, direction: usize) -> Result<Vec<f64>, Failure> {
        let Some(array) = call.maybe(slot)? else { return Ok(Vec::new()) };
        let all = self.typed(array)?;
        let size = all.len() / self.directions.len();
        Ok(all[direction * size..(direction + 1) * size].to_vec())
    }

    /// `X·Wᵀ` of all steps, with biases.
    fn weighted(
        &self,
        call: &Call<'_>,
        engine: &mut dyn Engine,
        direction: usize,
    ) -> Result<Vec<f64>, Failure> {
        let wide_gates = self.kind.gates() * self.hidden;
        let rows = count(&[self.steps as i64, self.batch as i64])?;
        let mut sums = if rows == 0 || wide_gates == 0 || self.input == 0 {
            filled(count(&[rows as i64, wide_gates as i64])?, 0.0)?
        } else {
            let weights = Matrix::transposed(&self.part(call, 1, direction)?, self.input)?.into_elements();
            let dims = vec![self.input as i64, wide_gates as i64];
            let weights = engine_form(&narrow(self.dtype, dims, &weights)?)?;
            let x = engine_form(call.array(0)?)?;
            let x = Array { dims: vec![rows as i64, self.input as i64], ..x };
            let product = engine.call(&call.like("MatMul", vec![Some(x.into()), Some(weights.into())]))?;
            let product =
                product.into_iter().next().map(|array| wide(&array)).transpose()?.unwrap_or_default();
            if product.len() != rows * wide_gates {
                return Failure::invalid("a product has another size");
            }
            product
        };
        let biases = self.part(call, 3, direction)?;
        let (input, state) = biases.split_at(biases.len() / 2);
        let state_end = match self.kind {
            Kind::Gru { .. } => 2 * self.hidden,
            _ => wide_gates,
        };
        let bias: Vec<f64> = input
            .iter()
            .zip(state)
            .enumerate()
            .map(|(k, (a, b))| if k < state_end { rounded(self.dtype, a + b) } else { *a })
            .collect();
        if !bias.is_empty() {
            for row in sums.chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(&bias).for_each(|(sum, bias)| *sum += bias);
            }
        }
        Ok(sums)
    }

    fn cell(&self, call: &Call<'_>, direction: usize, functions: &[Activation]) -> Result<Cell, Failure> {
        let (hidden, weights) = (self.hidden, self.part(call, 2, direction)?);
        let split = match self.kind {
            Kind::Gru { .. } => 2 * hidden * hidden,
            _ => weights.len(),
        };
        let (weights, last) = weights.split_at(split);
        let biases = self.part(call, 3, direction)?;
        let bias = match self.kind {
            Kind::Gru { .. } if biases.is_empty() => filled(hidden, 0.0)?,
            Kind::Gru { .. } => biases[5 * hidden..].to_vec(),
            _ => Vec::new(),
        };
        let peepholes = match self.kind {
            Kind::Lstm { .. } => self.part(call, 7, direction)?,
            _ => Vec::new(),
        };
        Ok(Cell {
            kind: self.kind,
            dtype: self.dtype,
            hidden,
            clip: self.clip,
            activations: functions.to_vec(),
            weights: Matrix::transposed(weights, hidden)?,
            last: Matrix::transposed(last, hidden)?,
            bias,
            peepholes,
        })
    }

    /// Runs all sequences in one direction.
    fn direction(
        &self,
        cell: &Cell,
        direction: usize,
        mut inputs: Vec<f64>,
        out: &mut Outputs,
    ) -> Result<(), Failure> {
        let (hidden, wide) = (self.hidden, self.kind.gates() * self.hidden);
        if hidden == 0 {
            return Ok(());
        }
        let mut none: [f64; 0] = [];
        for b in 0..self.batch {
            let (at, length) = (self.state(direction, b), self.lengths[b]);
            for step in 0..length {
                let t = match self.directions[direction] {
                    Order::Forward => step,
                    Order::Reverse => length - 1 - step,
                };
                let (from, to) = self.row(direction, t, b);
                let h = &mut out.h[at..at + hidden];
                let c = if out.c.is_empty() { &mut none[..] } else { &mut out.c[at..at + hidden] };
                cell.step(&mut inputs[from * wide..(from + 1) * wide], h, c)?;
                out.y[to * hidden..(to + 1) * hidden].copy_from_slice(h);
            }
        }
        Ok(())
    }

    fn results(&self, out: Outputs) -> Result<Vec<Value>, Failure> {
        let (steps, sides) = (self.steps as i64, self.directions.len() as i64);
        let (batch, hidden) = (self.batch as i64, self.hidden as i64);
        let y = match self.layout {
            Layout::StepsFirst => vec![steps, sides, batch, hidden],
            Layout::BatchFirst => vec![batch, steps, sides, hidden],
        };
        let state = self.state_dims().to_vec();
        let mut results =
            vec![narrow(self.dtype, y, &out.y)?.into(), narrow(self.dtype, state.clone(), &out.h)?.into()];
        if matches!(self.kind, Kind::Lstm { .. }) {
            results.push(narrow(self.dtype, state, &out.c)?.into());
        }
        Ok(results)
    }
}

/// The lengths of the sequences of a batch.
fn lengths(call: &Call<'_>, steps: usize, batch: usize) -> Result<Vec<usize>, Failure> {
    let Some(array) = call.maybe(4)? else { return filled(batch, steps) };
    if array.dims != [batch as i64] {
        return Failure::invalid("sequence_lens has not one length for each sequence");
    }
    let lengths: Option<Vec<usize>> =
        view::<i32>(array)?.iter().map(|&n| usize::try_from(n).ok().filter(|&n| n <= steps)).collect();
    match lengths {
        Some(list) if list.contains(&0) => {
            Failure::unsupported("a sequence of no steps differs between runtimes")
        }
        Some(list) => Ok(list),
        None => Failure::invalid("a sequence's length is negative or beyond the steps"),
    }
}

fn shaped(name: &str, array: &Array, dims: &[i64]) -> Result<(), Failure> {
    if array.dims != dims {
        return Failure::invalid(format!("{name} is {:?}, not {dims:?}", array.dims));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::elements::of;
    use crate::model::{AttributeValue, Graph, Model, Source};

    /// The product of matrices, as an engine gives it.
    struct Products;

    impl Engine for Products {
        fn call(&mut self, call: &Call<'_>) -> Result<Vec<Array>, Failure> {
            let (a, b) = (call.array(0)?, call.array(1)?);
            let (x, y) = (wide(a)?, wide(b)?);
            let (rows, inner, columns) = (a.dims[0] as usize, a.dims[1] as usize, b.dims[1] as usize);
            let sum = |r: usize, c: usize| (0..inner).map(|k| x[r * inner + k] * y[k * columns + c]).sum();
            let sums: Vec<f64> = (0..rows * columns).map(|at| sum(at / columns, at % columns)).collect();
            Ok(vec![narrow(a.dtype, vec![a.dims[0], b.dims[1]], &sums)?])
        }
    }

    /// Y and Y_h of an RNN of one unit that adds up its inputs: three steps, two sequences.
    fn sums(direction: &str, lengths: Option<Vec<i32>>) -> (Vec<f64>, Vec<f64>) {
        let model = Model::of("onnx", Source::default(), Graph::default());
        let sides = if direction == "bidirectional" { 2 } else { 1 };
        let one = || Some(of(vec![sides, 1, 1], vec![1.0f32; sides as usize]).into());
        let x = of(vec![3, 2, 1], vec![1.0f32, 10.0, 2.0, 20.0, 3.0, 30.0]);
        let lengths = lengths.map(|list| of(vec![2], list).into());
        let inputs = vec![Some(x.into()), one(), one(), None, lengths];
        let call = Call {
            model: &model,
            op: "RNN",
            domain: "",
            opset: 22,
            attributes: Vec::new(),
            inputs,
            outputs: 2,
        };
        let names = vec!["relu".into(); sides as usize];
        let call = call
            .with("activations", AttributeValue::Strings(names))
            .with("direction", AttributeValue::String(direction.into()));
        let results = rnn(&call, &mut Products).unwrap();
        (wide(results[0].array().unwrap()).unwrap(), wide(results[1].array().unwrap()).unwrap())
    }

    #[test]
    fn outputs_beyond_the_length_of_a_sequence_are_zero_and_the_last_state_is_before() {
        let (y, last) = sums("forward", Some(vec![3, 1]));
        assert_eq!(y, [1.0, 10.0, 3.0, 0.0, 6.0, 0.0]);
        assert_eq!(last, [6.0, 10.0]);
    }

    #[test]
    fn a_reverse_layer_begins_at_the_end_of_each_sequence() {
        let (y, last) = sums("reverse", Some(vec![3, 2]));
        assert_eq!(y, [6.0, 30.0, 5.0, 20.0, 3.0, 0.0]);
        assert_eq!(last, [6.0, 30.0]);
    }

    #[test]
    fn both_directions_stand_side_by_side_at_each_step() {
        let (y, last) = sums("bidirectional", None);
        assert_eq!(y, [1.0, 10.0, 6.0, 60.0, 3.0, 30.0, 5.0, 50.0, 6.0, 60.0, 3.0, 30.0]);
        assert_eq!(last, [6.0, 60.0, 6.0, 60.0]);
    }

    #[test]
    fn a_sequence_longer_than_its_steps_is_refused() {
        let list = of(vec![1], vec![4i32]);
        let model = Model::of("onnx", Source::default(), Graph::default());
        let call = Call {
            model: &model,
            op: "RNN",
            domain: "",
            opset: 22,
            attributes: Vec::new(),
            inputs: vec![None, None, None, None, Some(list.into())],
            outputs: 1,
        };
        assert!(matches!(lengths(&call, 3, 1), Err(Failure::Invalid(_))));
    }
}
