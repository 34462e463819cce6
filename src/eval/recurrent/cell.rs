//! One step of one sequence in each kind of recurrent layer.

use super::activation::Activation;
use crate::eval::Failure;
use crate::eval::wide::rounded;
use crate::model::DType;

/// The kinds of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rnn,
    /// Whether the reset gate is applied after the product.
    Gru {
        linear_before_reset: bool,
    },
    /// Whether the forget gate is one minus the input gate.
    Lstm {
        input_forget: bool,
    },
}

impl Kind {
    /// The number of gates.
    pub(super) fn gates(self) -> usize {
        match self {
            Kind::Rnn => 1,
            Kind::Gru { .. } => 3,
            Kind::Lstm { .. } => 4,
        }
    }
}

/// A matrix of `hidden` rows.
pub(super) struct Matrix {
    columns: usize,
    elements: Vec<f64>,
}

impl Matrix {
    /// The transpose of `rows` rows of `hidden` elements each.
    pub(super) fn transposed(source: &[f64], hidden: usize) -> Result<Self, Failure> {
        let columns = source.len() / hidden.max(1);
        let mut elements = crate::eval::elements::filled(source.len(), 0.0)?;
        for (column, row) in source.chunks_exact(hidden.max(1)).enumerate() {
            for (k, &x) in row.iter().enumerate() {
                elements[k * columns + column] = x;
            }
        }
        Ok(Matrix { columns, elements })
    }

    /// Its elements, row after row.
    pub(super) fn into_elements(self) -> Vec<f64> {
        self.elements
    }

    /// Adds the product of a row with this matrix.
    fn add_product(&self, row: &[f64], sums: &mut [f64]) {
        if self.columns == 0 {
            return;
        }
        let mut rows = self.elements.chunks_exact(self.columns);
        let mut numbers = row.chunks_exact(4);
        for four in &mut numbers {
            let (Some(a), Some(b), Some(c), Some(d)) = (rows.next(), rows.next(), rows.next(), rows.next())
            else {
                return;
            };
            let weights = a.iter().zip(b).zip(c).zip(d);
            for (sum, (((a, b), c), d)) in sums.iter_mut().zip(weights) {
                *sum += (four[0] * a + four[1] * b) + (four[2] * c + four[3] * d);
            }
        }
        for (x, weights) in numbers.remainder().iter().zip(rows) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += x * weight;
            }
        }
    }
}

/// What one direction of a layer computes with.
pub(super) struct Cell {
    pub(super) kind: Kind,
    pub(super) dtype: DType,
    pub(super) hidden: usize,
    pub(super) clip: Option<f64>,
    pub(super) activations: Vec<Activation>,
    /// Weights of the state, transposed; for GRU those of the first two gates.
    pub(super) weights: Matrix,
    /// GRU: those of the third.
    pub(super) last: Matrix,
    /// GRU: the bias of the state for the third gate.
    pub(super) bias: Vec<f64>,
    /// LSTM: the peepholes of the input, output and forget gate.
    pub(super) peepholes: Vec<f64>,
}

impl Cell {
    /// Computes the next state. `inputs` holds the weighted inputs with all biases (for GRU
    /// without `bias`), gate after gate, and is used up.
    pub(super) fn step(&self, inputs: &mut [f64], h: &mut [f64], c: &mut [f64]) -> Result<(), Failure> {
        match self.kind {
            Kind::Rnn => self.rnn(inputs, h),
            Kind::Gru { linear_before_reset } => self.gru(inputs, h, linear_before_reset),
            Kind::Lstm { input_forget } => self.lstm(inputs, h, c, input_forget),
        }
        if let Some(clip) = self.clip.filter(|&clip| c.iter().any(|c| c.abs() > clip)) {
            // It is the input of an activation, and runtimes leave it as it is.
            return Failure::unsupported(format!("a cell beyond the clip {clip} differs between runtimes"));
        }
        Ok(())
    }

    /// An activation of what is first rounded and clipped.
    fn activate(&self, number: usize, x: f64) -> f64 {
        let x = self.round(x);
        let x = match self.clip {
            // NaN stays NaN.
            Some(clip) if x > clip => clip,
            Some(clip) if x < -clip => -clip,
            _ => x,
        };
        self.round(self.activations[number].at(x))
    }

    fn round(&self, x: f64) -> f64 {
        rounded(self.dtype, x)
    }

    fn rnn(&self, inputs: &mut [f64], h: &mut [f64]) {
        self.weights.add_product(h, inputs);
        for (h, &x) in h.iter_mut().zip(&*inputs) {
            *h = self.activate(0, x);
        }
    }

    fn gru(&self, inputs: &mut [f64], h: &mut [f64], linear_before_reset: bool) {
        let (gates, new) = inputs.split_at_mut(2 * self.hidden);
        self.weights.add_product(h, gates);
        gates.iter_mut().for_each(|x| *x = self.activate(0, *x));
        let (update, reset) = gates.split_at(self.hidden);
        let mut product = self.bias.clone();
        if linear_before_reset {
            self.last.add_product(h, &mut product);
            product.iter_mut().zip(reset).for_each(|(x, reset)| *x *= reset);
        } else {
            let kept: Vec<f64> = h.iter().zip(reset).map(|(h, reset)| self.round(h * reset)).collect();
            self.last.add_product(&kept, &mut product);
        }
        for (((h, &x), &y), &update) in h.iter_mut().zip(&*new).zip(&product).zip(update) {
            let new = self.activate(1, x + y);
            *h = self.round((1.0 - update) * new + update * *h);
        }
    }

    fn lstm(&self, inputs: &mut [f64], h: &mut [f64], c: &mut [f64], input_forget: bool) {
        self.weights.add_product(h, inputs);
        let hidden = self.hidden;
        let peephole = |gate: usize, k: usize| self.peepholes.get(gate * hidden + k).copied().unwrap_or(0.0);
        for k in 0..hidden {
            let at = |gate: usize| inputs[gate * hidden + k];
            let peep = |gate: usize, c: f64| match self.peepholes.is_empty() {
                true => 0.0,
                false => peephole(gate, k) * c,
            };
            let old = c[k];
            let input = self.activate(0, at(0) + peep(0, old));
            let forget = if input_forget { 1.0 - input } else { self.activate(0, at(2) + peep(2, old)) };
            let new = self.activate(1, at(3));
            c[k] = self.round(forget * old + input * new);
            let output = self.activate(0, at(1) + peep(1, c[k]));
            h[k] = self.round(output * self.round(self.activations[2].at(c[k])));
        }
    }
}
