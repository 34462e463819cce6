//! The weights of a new layer: random, taken over from the old head, or from a file.

use super::find::{Found, Scale, Weight};
use super::options::HeadOptions;
use crate::edit::draft::tensor;
use crate::edit::init::{Init, draw, push};
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::{Array, Arrays};
use crate::model::{DType, Model, NewTensor, Tensor, TensorData};
use crate::text::printable;

/// A new layer's weights take at most this many bytes.
const MOST_BYTES: u64 = 1 << 30;

/// What a layer multiplies by: a row of `width` elements for each of `rows`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix {
    pub(super) dtype: DType,
    pub(super) rows: usize,
    pub(super) width: usize,
    pub(super) content: Vec<u8>,
}

impl Matrix {
    /// A random matrix.
    ///
    /// # Errors
    /// If it would be larger than the limit.
    pub(super) fn drawn(
        (rows, width): (i64, i64),
        dtype: DType,
        init: Init,
        seed: u64,
        stream: u64,
    ) -> Result<Self> {
        let item = dtype.bits().unwrap_or(32) / 8;
        let bytes = u64::try_from(rows).ok().zip(u64::try_from(width).ok());
        let bytes = bytes.and_then(|(r, w)| r.checked_mul(w)?.checked_mul(item));
        if rows < 1 || width < 1 || bytes.is_none_or(|bytes| bytes > MOST_BYTES) {
            let error = Error::new(
                ErrorKind::Usage,
                format!("a layer of {rows} units over {width} features is not possible"),
            );
            return Err(error.hint("a layer needs at least one unit, and weights of at most 1 GiB"));
        }
        let (rows, width) = (rows as usize, width as usize);
        let content = draw(init, (seed, stream), (width as f64, rows as f64), rows * width, dtype);
        Ok(Matrix { dtype, rows, width, content })
    }

    /// Rows of zeros.
    pub(super) fn zeros(rows: usize, width: usize, dtype: DType) -> Self {
        let item = (dtype.bits().unwrap_or(32) / 8) as usize;
        Matrix { dtype, rows, width, content: vec![0; rows * width * item] }
    }

    /// Takes the first rows over from another matrix of the same width.
    pub(super) fn keep(&mut self, old: &Matrix) {
        let n = old.content.len().min(self.content.len());
        self.content[..n].copy_from_slice(&old.content[..n]);
    }

    /// The transposed matrix.
    pub(super) fn transposed(&self) -> Self {
        let item = self.content.len() / (self.rows * self.width).max(1);
        let mut content = Vec::with_capacity(self.content.len());
        for column in 0..self.width {
            for row in 0..self.rows {
                let at = (row * self.width + column) * item;
                content.extend_from_slice(&self.content[at..at + item]);
            }
        }
        Matrix { dtype: self.dtype, rows: self.width, width: self.rows, content }
    }

    /// The matrix as a stored constant: rows first, or last.
    pub(super) fn stored(&self, name: &str, rows_first: bool, kernel_dims: &[i64]) -> NewTensor {
        let own = if rows_first { self.clone() } else { self.transposed() };
        let width: i64 = kernel_dims.iter().product();
        let dims = match rows_first {
            true => [vec![self.rows as i64, self.width as i64 / width], kernel_dims.to_vec()].concat(),
            false => vec![self.width as i64, self.rows as i64],
        };
        tensor(name, self.dtype, dims, own.content)
    }
}

/// The type in which new weights are stored: that of the old ones, or of their scale.
pub(super) fn float_type(weight: &Weight) -> DType {
    let own = weight.scale.map_or(weight.tensor.dtype, |scale| scale.factor.dtype);
    if matches!(own, DType::F64 | DType::F16 | DType::BF16) { own } else { DType::F32 }
}

/// The old weights, a row for each class; stored integers are dequantized.
///
/// # Errors
/// If their content is not at hand.
pub(super) fn old_rows(model: &Model, found: &Found) -> Result<Matrix> {
    if !found.weight.tensor.dtype.is_float() && found.weight.scale.is_none() {
        let fact = "the old weights are integers, and how they become numbers is not known";
        let error = Error::new(ErrorKind::Unsupported, fact);
        return Err(error.hint("leave `keep` out: the new head's weights are then all new"));
    }
    let bytes = model.content(found.weight.tensor)?;
    let dims = &found.weight.tensor.dims;
    let first = (dims.first() == Some(&found.classes) && found.classes_first != found.weight.transposed)
        || dims.len() > 2;
    let (rows, width) = (found.classes as usize, (dims.iter().product::<i64>() / found.classes) as usize);
    let dtype = float_type(&found.weight);
    let matrix = match found.weight.scale {
        None => Matrix {
            dtype,
            rows: dims[0] as usize,
            width: dims.iter().product::<i64>() as usize / dims[0] as usize,
            content: bytes.to_vec(),
        },
        Some(scale) => {
            let numbers = dequantized(model, found, &bytes, scale)?;
            let first = dims[0] as usize;
            let content = elements(&numbers, dtype);
            Matrix { dtype, rows: first, width: numbers.len() / first, content }
        }
    };
    let matrix = if first { matrix } else { matrix.transposed() };
    debug_assert_eq!((matrix.rows, matrix.width), (rows, width));
    Ok(matrix)
}

/// The elements of a tensor.
fn numbers(model: &Model, tensor: &Tensor) -> Result<Option<Vec<f64>>> {
    let data = TensorData::Owned(model.content(tensor)?);
    Ok(Tensor { data, ..tensor.clone() }.numbers(&model.source, 1 << 24))
}

/// Numbers as elements of a float type.
fn elements(numbers: &[f64], dtype: DType) -> Vec<u8> {
    let mut content = Vec::with_capacity(numbers.len() * 4);
    numbers.iter().for_each(|&x| push(&mut content, x, dtype));
    content
}

/// `(q - zero) * scale` in single precision, as `DequantizeLinear` computes it.
fn dequantized(model: &Model, found: &Found, bytes: &[u8], scale: Scale) -> Result<Vec<f64>> {
    let tensor = found.weight.tensor;
    let fail =
        || Error::new(ErrorKind::Unsupported, "the old weights are quantized in a way that is not known");
    let count = tensor.elements().unwrap_or(0) as usize;
    let number = |i: usize| match tensor.dtype {
        DType::I8 => Some(f64::from(bytes[i] as i8)),
        DType::U8 => Some(f64::from(bytes[i])),
        _ => None,
    };
    let list = |t: &Tensor| numbers(model, t)?.ok_or_else(fail);
    let scales = list(scale.factor)?;
    let zeros = scale.zero.map(list).transpose()?.unwrap_or_else(|| vec![0.0]);
    // Of one scale for all, or of one for each index along the axis.
    let rank = tensor.dims.len() as i64;
    let axis = if scale.axis < 0 { scale.axis + rank } else { scale.axis }.clamp(0, rank - 1) as usize;
    let inner: i64 = tensor.dims[axis + 1..].iter().product();
    let along = tensor.dims[axis] as usize;
    let fits = |n: usize| n == 1 || n == along;
    if !fits(scales.len()) || !fits(zeros.len()) {
        return Err(fail());
    }
    let of =
        |list: &[f64], i: usize| if list.len() == 1 { list[0] } else { list[i / inner as usize % along] };
    (0..count)
        .map(|i| {
            let product = (number(i).ok_or_else(fail)? - of(&zeros, i)) as f32 * of(&scales, i) as f32;
            Ok(f64::from(product))
        })
        .collect()
}

/// The old bias, an element for each class; stored integers mean nothing without their scale.
///
/// # Errors
/// If its content is not at hand.
pub(super) fn old_bias(model: &Model, found: &Found) -> Result<Option<Matrix>> {
    if found.computed_bias {
        let error =
            Error::new(ErrorKind::Unsupported, "the old bias is computed, and not stored as it is used");
        return Err(error.hint("without --keep the new head has a bias of its own"));
    }
    let Some(bias) = &found.bias else { return Ok(None) };
    let tensor = bias.weight.tensor;
    let dtype = float_type(&found.weight);
    if let Some(scale) = bias.weight.scale {
        let numbers = dequantized_ints(model, tensor, scale)?;
        let content = elements(&numbers, dtype);
        return Ok(Some(Matrix { dtype, rows: numbers.len(), width: 1, content }));
    }
    if !matches!(tensor.dtype, DType::F32 | DType::F64 | DType::F16 | DType::BF16) {
        let error = Error::new(ErrorKind::Unsupported, "the old bias is quantized with the old features");
        return Err(error.hint("leave `keep` out: the new head's weights are then all new"));
    }
    let bytes = model.content(tensor)?;
    let item = (tensor.dtype.bits().unwrap_or(32) / 8) as usize;
    let classes = found.classes as usize;
    // One number for all classes.
    let content = if bytes.len() == item { bytes.repeat(classes) } else { bytes.to_vec() };
    if content.len() != classes * item {
        let error =
            Error::new(ErrorKind::Unsupported, "the old bias does not have one number for each class");
        return Err(error.hint("leave `keep` out"));
    }
    if tensor.dtype == dtype {
        return Ok(Some(Matrix { dtype, rows: classes, width: 1, content }));
    }
    if tensor.dtype.bits() >= dtype.bits() {
        let fact =
            format!("the old bias is {}, and the new head {dtype}: it would lose digits", tensor.dtype);
        return Err(Error::new(ErrorKind::Unsupported, fact).hint("leave `keep` out"));
    }
    // Stored in fewer bits than the weights, behind a cast.
    let stored =
        Tensor { dims: vec![found.classes], data: TensorData::Owned(content.into()), ..tensor.clone() };
    let wide = stored.numbers(&model.source, classes);
    let wide = wide.ok_or_else(|| Error::new(ErrorKind::Unsupported, "the old bias cannot be read"))?;
    Ok(Some(Matrix { dtype, rows: classes, width: 1, content: elements(&wide, dtype) }))
}

/// A bias of 32-bit integers with its scale.
fn dequantized_ints(model: &Model, tensor: &Tensor, scale: Scale) -> Result<Vec<f64>> {
    let fail = || Error::new(ErrorKind::Unsupported, "the old bias is quantized in a way that is not known");
    let list = |t: &Tensor| numbers(model, t)?.ok_or_else(fail);
    let (numbers, scales) = (list(tensor)?, list(scale.factor)?);
    let zeros = scale.zero.map(list).transpose()?.unwrap_or_else(|| vec![0.0]);
    let of = |list: &[f64], i: usize| list.get(i).or(list.first()).copied().unwrap_or(0.0);
    Ok(numbers
        .iter()
        .enumerate()
        .map(|(i, x)| f64::from((x - of(&zeros, i)) as f32 * of(&scales, i) as f32))
        .collect())
}

/// Where the weights of new layers come from.
pub(super) struct Supply<'o> {
    options: &'o HeadOptions,
    /// What is left of a file's arrays.
    arrays: Option<Arrays>,
    dtype: DType,
}

impl<'o> Supply<'o> {
    /// As the options say, of this element type.
    pub(super) fn of(options: &'o HeadOptions, dtype: DType) -> Self {
        Supply { options, arrays: options.weights.clone(), dtype }
    }

    /// The weights of a layer, and its bias where a file has one. Layers that are drawn have
    /// their own numbers by `stream`.
    ///
    /// # Errors
    /// If the layer would be too large, or the file has no array for it.
    pub(super) fn layer(
        &mut self,
        name: &str,
        size: (i64, i64),
        stream: u64,
    ) -> Result<(Matrix, Option<Matrix>)> {
        match &mut self.arrays {
            Some(arrays) => from_file(arrays, name, size, self.dtype),
            None => {
                let drawn = Matrix::drawn(size, self.dtype, self.options.init, self.options.seed, stream)?;
                Ok((drawn, None))
            }
        }
    }

    /// Where the weights come from, for people.
    pub(super) fn origin(&self) -> String {
        match self.arrays {
            Some(_) => "weights from the file".to_owned(),
            None => format!("weights {}, seed {}", self.options.init, self.options.seed),
        }
    }
}

/// Takes the arrays of a layer out of those of a file: the weights with one of the two
/// orders of dimensions, and the bias.
///
/// # Errors
/// If no array, or more than one, has the shape.
fn from_file(
    arrays: &mut Arrays,
    layer: &str,
    (rows, width): (i64, i64),
    dtype: DType,
) -> Result<(Matrix, Option<Matrix>)> {
    let flat = |a: &Array| -> (i64, i64) {
        let first = a.dims.first().copied().unwrap_or(0);
        (first, a.dims.iter().skip(1).product())
    };
    let fits = |a: &Array| {
        a.dtype.is_float() && a.dims.len() >= 2 && (flat(a) == (rows, width) || a.dims == [width, rows])
    };
    let own = |name: &str| name.split(['/', '.', ':']).any(|part| part == layer);
    let mut found: Vec<String> = arrays.iter().filter(|(_, a)| fits(a)).map(|(n, _)| n.clone()).collect();
    if found.len() > 1 && found.iter().any(|name| own(name)) {
        found.retain(|name| own(name));
    }
    let [name] = found.as_slice() else {
        let all: Vec<String> =
            arrays.iter().map(|(n, a)| format!("`{}` {:?}", printable(n), a.dims)).collect();
        let what = if found.is_empty() { "no array" } else { "more than one array" };
        let error = Error::new(
            ErrorKind::Usage,
            format!("{what} of the weights' file is {rows}x{width} or {width}x{rows}, as {layer} needs"),
        );
        return Err(error.hint(format!("it has {}", all.join(", "))));
    };
    let array = arrays.remove(name).ok_or_else(|| Error::new(ErrorKind::Usage, "an array is missing"))?;
    // Keras stores kernels with the units last; PyTorch weights with the units first.
    let rows_first = if rows == width { !name.ends_with("kernel") } else { flat(&array) == (rows, width) };
    let content = converted(&array, dtype)?;
    let stored = flat(&array);
    let matrix = Matrix { dtype, rows: stored.0 as usize, width: stored.1 as usize, content };
    let matrix = if rows_first { matrix } else { matrix.transposed() };
    let prefix = name.rsplit_once(['.', '/']).map_or("", |(prefix, _)| prefix);
    let vectors = || arrays.iter().filter(|(_, a)| a.dtype.is_float() && a.dims == [rows]);
    let bias =
        vectors().find(|(n, _)| !prefix.is_empty() && n.starts_with(prefix)).or_else(|| vectors().next());
    let bias = bias.map(|(n, _)| n.clone()).and_then(|n| arrays.remove(&n));
    let bias = match bias {
        Some(array) => {
            Some(Matrix { dtype, rows: rows as usize, width: 1, content: converted(&array, dtype)? })
        }
        None => None,
    };
    Ok((matrix, bias))
}

/// The elements in another float type.
fn converted(array: &Array, dtype: DType) -> Result<Vec<u8>> {
    if array.dtype == dtype {
        return Ok(array.content.to_vec());
    }
    let numbers = array.numbers().filter(|_| array.dtype.is_float());
    let numbers = numbers.ok_or_else(|| Error::new(ErrorKind::Usage, "the weights are not floats"))?;
    Ok(elements(&numbers, dtype))
}
