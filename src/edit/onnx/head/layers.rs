//! New layers, in the operators of the model's operator set.

use super::find::Kind;
use super::options::{HeadOptions, HiddenActivation};
use super::weights::{Matrix, Supply};
use crate::edit::draft::{Builder, tensor};
use crate::error::Result;
use crate::model::{DType, NewValue};

/// A value that a layer takes.
pub(super) struct Features {
    /// Its name.
    pub(super) name: String,
    /// How many features it has.
    pub(super) width: i64,
}

impl Builder<'_, '_> {
    /// A layer with its weights and bias: `Gemm`, `MatMul` and `Add`, or a convolution of one
    /// point.
    pub(super) fn dense(
        &mut self,
        kind: Kind,
        name: &str,
        input: &str,
        weight: &Matrix,
        bias: &Matrix,
    ) -> String {
        let kernel_dims: &[i64] = if kind == Kind::Conv { &[1, 1] } else { &[] };
        let rows_first = kind != Kind::MatMul;
        let own = weight.stored(&format!("{name}.weight"), rows_first, kernel_dims);
        let weight_name = self.draft.store(&format!("{name}.weight"), None, own);
        let shape = vec![bias.rows as i64];
        let own = tensor(&format!("{name}.bias"), bias.dtype, shape, bias.content.clone());
        let bias_name = self.draft.store(&format!("{name}.bias"), None, own);
        let inputs = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        match kind {
            Kind::Gemm => {
                let attributes = [("transB", NewValue::Int(1))];
                self.add("Gemm", name, inputs(&[input, &weight_name, &bias_name]), &attributes)
            }
            Kind::Conv => {
                let attributes = [("kernel_shape", NewValue::Ints(vec![1, 1]))];
                self.add("Conv", name, inputs(&[input, &weight_name, &bias_name]), &attributes)
            }
            Kind::MatMul => {
                let product = self.add("MatMul", name, inputs(&[input, &weight_name]), &[]);
                self.add("Add", &format!("{name}/bias"), inputs(&[&product, &bias_name]), &[])
            }
        }
    }

    /// The hidden layers and the dropout that stand in front of the last layer; returns what they
    /// make of the features.
    ///
    /// # Errors
    /// If there are no weights for a layer.
    pub(super) fn in_front(
        &mut self,
        kind: Kind,
        features: Features,
        options: &HeadOptions,
        supply: &mut Supply,
    ) -> Result<Features> {
        let Features { mut name, mut width } = features;
        for (i, hidden) in (1u64..).zip(&options.hidden) {
            let label = format!("head/hidden_{i}");
            let (weight, bias) = supply.layer(&format!("hidden_{i}"), (hidden.units, width), i)?;
            let bias = bias.unwrap_or_else(|| Matrix::zeros(weight.rows, 1, self.dtype));
            let made = self.dense(kind, &label, &name, &weight, &bias);
            name = self.hidden_activation(hidden.activation, &label, &made);
            width = hidden.units;
        }
        if let Some(rate) = options.dropout {
            name = self.dropout(rate, "head/dropout", &name);
        }
        Ok(Features { name, width })
    }

    /// The activation of a hidden layer.
    fn hidden_activation(&mut self, wanted: HiddenActivation, name: &str, input: &str) -> String {
        let one = |input: &str| vec![input.to_owned()];
        let two = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let opset = self.draft.opset();
        match wanted {
            HiddenActivation::None => input.to_owned(),
            HiddenActivation::Relu => self.add("Relu", &format!("{name}/Relu"), one(input), &[]),
            HiddenActivation::LeakyRelu => {
                let alpha = [("alpha", NewValue::Float(0.01))];
                self.add("LeakyRelu", &format!("{name}/LeakyRelu"), one(input), &alpha)
            }
            HiddenActivation::Elu => self.add("Elu", &format!("{name}/Elu"), one(input), &[]),
            HiddenActivation::Selu => self.add("Selu", &format!("{name}/Selu"), one(input), &[]),
            HiddenActivation::Tanh => self.add("Tanh", &format!("{name}/Tanh"), one(input), &[]),
            HiddenActivation::Sigmoid => self.add("Sigmoid", &format!("{name}/Sigmoid"), one(input), &[]),
            HiddenActivation::Softplus => self.add("Softplus", &format!("{name}/Softplus"), one(input), &[]),
            HiddenActivation::Silu => {
                let gate = self.add("Sigmoid", &format!("{name}/Sigmoid"), one(input), &[]);
                self.add("Mul", &format!("{name}/Mul"), two(input, &gate), &[])
            }
            HiddenActivation::Gelu if opset >= 20 => {
                self.add("Gelu", &format!("{name}/Gelu"), one(input), &[])
            }
            HiddenActivation::Gelu => self.gelu(name, input),
        }
    }

    /// x/2 * (1 + erf(x/√2)) (Hendrycks and Gimpel 2016), from simpler operators.
    fn gelu(&mut self, name: &str, input: &str) -> String {
        let two = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let dtype = self.dtype;
        let root = self.number(&format!("{name}/sqrt2"), std::f64::consts::SQRT_2, dtype);
        let half = self.number(&format!("{name}/half"), 0.5, dtype);
        let unit = self.number(&format!("{name}/one"), 1.0, dtype);
        let scaled = self.add("Div", &format!("{name}/Div"), two(input, &root), &[]);
        let erf = self.add("Erf", &format!("{name}/Erf"), vec![scaled], &[]);
        let sum = self.add("Add", &format!("{name}/Add"), two(&erf, &unit), &[]);
        let product = self.add("Mul", &format!("{name}/Mul"), two(input, &sum), &[]);
        self.add("Mul", &format!("{name}/Mul_half"), two(&product, &half), &[])
    }

    /// A dropout of this rate. It does nothing until the model is trained.
    fn dropout(&mut self, rate: f32, name: &str, input: &str) -> String {
        let opset = self.draft.opset();
        if opset >= 12 {
            let ratio = self.number(&format!("{name}/ratio"), f64::from(rate), DType::F32);
            return self.add("Dropout", name, vec![input.to_owned(), ratio], &[]);
        }
        let mut attributes = vec![("ratio", NewValue::Float(rate))];
        if opset < 7 {
            attributes.push(("is_test", NewValue::Int(1)));
        }
        self.add("Dropout", name, vec![input.to_owned()], &attributes)
    }

    /// The mean over some axes, which are dropped.
    pub(super) fn mean(&mut self, name: &str, input: &str, axes: &[i64]) -> String {
        let keep = ("keepdims", NewValue::Int(0));
        if self.draft.opset() >= 18 {
            let list = self.ints(&format!("{name}/axes"), axes, false);
            return self.add("ReduceMean", name, vec![input.to_owned(), list], &[keep]);
        }
        let axes = ("axes", NewValue::Ints(axes.to_vec()));
        self.add("ReduceMean", name, vec![input.to_owned()], &[axes, keep])
    }
}
