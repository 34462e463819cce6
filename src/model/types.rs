//! Types of values: element types, shapes, and the containers ONNX has.

use std::fmt;

use super::Expr;

/// The type of one element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // the names are the standard ones
#[non_exhaustive]
pub enum DType {
    F32,
    F64,
    F16,
    BF16,
    F8E4M3FN,
    F8E4M3FNUZ,
    F8E5M2,
    F8E5M2FNUZ,
    F8E8M0,
    F6E2M3,
    F6E3M2,
    F4E2M1,
    I64,
    I32,
    I16,
    I8,
    I4,
    I2,
    U64,
    U32,
    U16,
    U8,
    U4,
    U2,
    Bool,
    C64,
    C128,
    String,
    /// Given by the file, and not known to us: the file's own number for it.
    Other(i32),
    /// Not given.
    #[default]
    Undefined,
}

impl DType {
    /// The short name that pictures and tables show.
    pub fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F8E4M3FN => "f8e4m3fn",
            DType::F8E4M3FNUZ => "f8e4m3fnuz",
            DType::F8E5M2 => "f8e5m2",
            DType::F8E5M2FNUZ => "f8e5m2fnuz",
            DType::F8E8M0 => "f8e8m0",
            DType::F6E2M3 => "f6e2m3",
            DType::F6E3M2 => "f6e3m2",
            DType::F4E2M1 => "f4e2m1",
            DType::I64 => "i64",
            DType::I32 => "i32",
            DType::I16 => "i16",
            DType::I8 => "i8",
            DType::I4 => "i4",
            DType::I2 => "i2",
            DType::U64 => "u64",
            DType::U32 => "u32",
            DType::U16 => "u16",
            DType::U8 => "u8",
            DType::U4 => "u4",
            DType::U2 => "u2",
            DType::Bool => "bool",
            DType::C64 => "c64",
            DType::C128 => "c128",
            DType::String => "string",
            DType::Other(_) => "other",
            DType::Undefined => "?",
        }
    }

    /// The type that [`DType::name`] names.
    pub fn from_name(name: &str) -> Option<DType> {
        const ALL: &[DType] = &[
            DType::F32,
            DType::F64,
            DType::F16,
            DType::BF16,
            DType::F8E4M3FN,
            DType::F8E4M3FNUZ,
            DType::F8E5M2,
            DType::F8E5M2FNUZ,
            DType::F8E8M0,
            DType::F6E2M3,
            DType::F6E3M2,
            DType::F4E2M1,
            DType::I64,
            DType::I32,
            DType::I16,
            DType::I8,
            DType::I4,
            DType::I2,
            DType::U64,
            DType::U32,
            DType::U16,
            DType::U8,
            DType::U4,
            DType::U2,
            DType::Bool,
            DType::C64,
            DType::C128,
            DType::String,
        ];
        ALL.iter().copied().find(|dtype| dtype.name() == name)
    }

    /// Whether it has fractions.
    pub fn is_float(self) -> bool {
        use DType::*;
        matches!(
            self,
            F32 | F64
                | F16
                | BF16
                | F8E4M3FN
                | F8E4M3FNUZ
                | F8E5M2
                | F8E5M2FNUZ
                | F8E8M0
                | F6E2M3
                | F6E3M2
                | F4E2M1
        )
    }

    /// Bits that one element takes in memory; `None` where that is not fixed.
    pub fn bits(self) -> Option<u64> {
        Some(match self {
            DType::C128 => 128,
            DType::F64 | DType::I64 | DType::U64 | DType::C64 => 64,
            DType::F32 | DType::I32 | DType::U32 => 32,
            DType::F16 | DType::BF16 | DType::I16 | DType::U16 => 16,
            DType::F8E4M3FN | DType::F8E4M3FNUZ | DType::F8E5M2 | DType::F8E5M2FNUZ | DType::F8E8M0 => 8,
            DType::I8 | DType::U8 | DType::Bool => 8,
            DType::F6E2M3 | DType::F6E3M2 => 6,
            DType::F4E2M1 | DType::I4 | DType::U4 => 4,
            DType::I2 | DType::U2 => 2,
            DType::String | DType::Other(_) | DType::Undefined => return None,
        })
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DType::Other(number) => write!(f, "dtype {number}"),
            known => f.write_str(known.name()),
        }
    }
}

/// One dimension of a shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Dim {
    /// A number. Negative in invalid files only.
    Known(i64),
    /// A symbol of the file, such as `batch`.
    Named(String),
    /// What follows from symbols of the file, such as `12*batch`; neither a number nor
    /// a symbol alone.
    Computed(Expr),
    /// Not given.
    Unknown,
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dim::Known(n) => write!(f, "{n}"),
            Dim::Named(name) => f.write_str(name),
            Dim::Computed(expr) => expr.fmt(f),
            Dim::Unknown => f.write_str("?"),
        }
    }
}

impl Dim {
    /// The size; `None` if it is not known.
    pub fn size(&self) -> Option<Expr> {
        match self {
            Dim::Known(n) => Some(Expr::from(*n)),
            Dim::Named(name) => Some(Expr::symbol(name)),
            Dim::Computed(expr) => Some(expr.clone()),
            Dim::Unknown => None,
        }
    }
}

impl From<Expr> for Dim {
    fn from(expr: Expr) -> Self {
        match (expr.known(), expr.as_symbol()) {
            (Some(n), _) => Dim::Known(n),
            (_, Some(name)) => Dim::Named(name.to_owned()),
            _ => Dim::Computed(expr),
        }
    }
}

impl From<Option<Expr>> for Dim {
    fn from(expr: Option<Expr>) -> Self {
        expr.map_or(Dim::Unknown, Dim::from)
    }
}

/// Dimensions, outermost first; empty for a scalar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape(pub Vec<Dim>);

impl Shape {
    /// A shape of numbers.
    pub fn known(dims: impl IntoIterator<Item = i64>) -> Self {
        Shape(dims.into_iter().map(Dim::Known).collect())
    }

    /// Whether an array may have this shape: as many dimensions, and those that are numbers.
    pub(crate) fn admits(&self, dims: &[i64]) -> bool {
        let same = |(own, given): (&Dim, &i64)| !matches!(own, Dim::Known(n) if n != given);
        self.0.len() == dims.len() && self.0.iter().zip(dims).all(same)
    }

    /// The number of elements, where every dimension is a number and the product
    /// fits.
    pub fn elements(&self) -> Option<u64> {
        self.0.iter().try_fold(1u64, |product, dim| match dim {
            Dim::Known(n) => product.checked_mul(u64::try_from(*n).ok()?),
            _ => None,
        })
    }
}

/// `1×64×56×56`; `scalar` for no dimensions.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("scalar");
        }
        for (i, dim) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("×")?;
            }
            dim.fmt(f)?;
        }
        Ok(())
    }
}

/// The type of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// The element type.
    pub dtype: DType,
    /// The shape; nothing when not even the rank is known.
    pub shape: Option<Shape>,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// A dense tensor.
    Tensor(TensorType),
    /// A sparse tensor.
    SparseTensor(TensorType),
    /// A sequence of values of one type.
    Sequence(Box<ValueType>),
    /// A map from a key type to values of one type.
    Map(DType, Box<ValueType>),
    /// A value that may be absent.
    Optional(Box<ValueType>),
    /// A type that only its domain knows: domain and name.
    Opaque(String, String),
}

impl ValueType {
    /// The tensor type, if this is a tensor.
    pub fn tensor(&self) -> Option<&TensorType> {
        match self {
            ValueType::Tensor(ty) | ValueType::SparseTensor(ty) => Some(ty),
            _ => None,
        }
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shape {
            Some(shape) => write!(f, "{} {shape}", self.dtype),
            None => write!(f, "{}", self.dtype),
        }
    }
}

/// `f32 1×3×224×224`, `seq(f32 10)`, `optional(…)`.
impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueType::Tensor(ty) => ty.fmt(f),
            ValueType::SparseTensor(ty) => write!(f, "sparse({ty})"),
            ValueType::Sequence(item) => write!(f, "seq({item})"),
            ValueType::Map(key, value) => write!(f, "map({key}, {value})"),
            ValueType::Optional(inner) => write!(f, "optional({inner})"),
            ValueType::Opaque(domain, name) => write!(f, "{domain}.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_prints_with_crosses() {
        let shape = Shape(vec![Dim::Named("batch".into()), Dim::Known(3), Dim::Unknown]);
        assert_eq!(shape.to_string(), "batch×3×?");
        assert_eq!(shape.elements(), None);
    }

    #[test]
    fn a_product_that_overflows_has_no_number_of_elements() {
        assert_eq!(Shape::known([i64::MAX, i64::MAX]).elements(), None);
        assert_eq!(Shape::known([-1]).elements(), None);
        assert_eq!(Shape::known([]).elements(), Some(1));
    }
}
