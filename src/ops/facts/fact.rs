//! What is known of a value while types are derived.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::model::{DType, Dim, Expr, Shape, Source, Tensor, TensorType, ValueType};

/// A dimension: nothing if it is not known.
pub(crate) type Size = Option<Expr>;

/// Contents of more elements than this are not followed.
pub(crate) const MOST_ELEMENTS: usize = 1024;

/// What is known of a value: type, shape, and of small ones the content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Fact {
    /// The element type; [`DType::Undefined`] if not known.
    pub(crate) dtype: DType,
    /// The dimensions; nothing if not even the rank is known.
    pub(crate) shape: Option<Vec<Size>>,
    /// The elements in row-major order, where shapes may depend on them.
    pub(crate) content: Option<Rc<[Elem]>>,
    /// What it is, if not a dense tensor.
    pub(crate) container: Option<Rc<Container>>,
}

/// An element of a content. Floats are the same if their bits are.
#[derive(Clone, Debug)]
pub(crate) enum Elem {
    Int(Expr),
    Float(f64),
    /// A size divided by a number greater than 1, such as `h/2`: what floats are on the way from
    /// one size to another. Never one that could be written as another element.
    Ratio(Expr, i64),
    Unknown,
}

/// Values that are no dense tensors.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Container {
    Sparse,
    Sequence(Fact),
    Optional(Fact),
    /// Any other type, as the file has it.
    Other(ValueType),
}

impl Fact {
    /// A tensor of this element type; of no known shape if `shape` is nothing.
    pub(crate) fn tensor(dtype: DType, shape: Option<Vec<Size>>) -> Self {
        Fact { dtype, shape, ..Fact::default() }
    }

    /// A tensor with this content, if it is not too large.
    pub(crate) fn with_content(mut self, content: Option<Vec<Elem>>) -> Self {
        let fits = |c: &Vec<Elem>| c.len() <= MOST_ELEMENTS && self.count() == Some(c.len());
        self.content = content.filter(fits).map(Rc::from);
        self
    }

    /// A list of integers.
    pub(crate) fn list(dtype: DType, sizes: Vec<Size>) -> Self {
        let content = sizes.into_iter().map(Elem::from).collect::<Vec<_>>();
        Fact::tensor(dtype, Some(vec![Some(Expr::from(content.len() as i64))])).with_content(Some(content))
    }

    pub(crate) fn sequence(item: Fact) -> Self {
        Fact { container: Some(Rc::new(Container::Sequence(item))), ..Fact::default() }
    }

    pub(crate) fn optional(item: Fact) -> Self {
        Fact { container: Some(Rc::new(Container::Optional(item))), ..Fact::default() }
    }

    /// The item of a sequence or of an optional value.
    pub(crate) fn item(&self) -> Option<&Fact> {
        match self.container.as_deref()? {
            Container::Sequence(item) | Container::Optional(item) => Some(item),
            _ => None,
        }
    }

    /// Without its content.
    pub(crate) fn bare(&self) -> Self {
        Fact { content: None, ..self.clone() }
    }

    pub(crate) fn rank(&self) -> Option<usize> {
        self.shape.as_ref().map(Vec::len)
    }

    /// The dimensions, if all are numbers.
    pub(crate) fn dims(&self) -> Option<Vec<i64>> {
        self.shape.as_ref()?.iter().map(|d| d.as_ref()?.known()).collect()
    }

    /// The number of elements, if it is known and not absurd.
    pub(crate) fn count(&self) -> Option<usize> {
        let dims = self.dims()?;
        dims.iter().try_fold(1usize, |n, &d| n.checked_mul(usize::try_from(d).ok()?))
    }

    /// The elements as sizes.
    pub(crate) fn sizes(&self) -> Option<Vec<Size>> {
        Some(self.content.as_ref()?.iter().map(Elem::size).collect())
    }

    /// The elements, if all are integers.
    pub(crate) fn ints(&self) -> Option<Vec<i64>> {
        self.content.as_ref()?.iter().map(|e| e.size()?.known()).collect()
    }

    /// The only element as a number.
    pub(crate) fn int(&self) -> Option<i64> {
        match self.ints()?.as_slice() {
            [n] => Some(*n),
            _ => None,
        }
    }

    /// The elements as numbers with fractions.
    pub(crate) fn floats(&self) -> Option<Vec<f64>> {
        self.content.as_ref()?.iter().map(Elem::float).collect()
    }

    /// Whether everything that there is to a type is known; symbols count.
    pub(crate) fn is_complete(&self) -> bool {
        match self.container.as_deref() {
            None | Some(Container::Sparse) => {
                self.dtype != DType::Undefined
                    && self.shape.as_ref().is_some_and(|s| s.iter().all(Option::is_some))
            }
            Some(Container::Sequence(item) | Container::Optional(item)) => item.is_complete(),
            Some(Container::Other(_)) => true,
        }
    }

    /// The fact of a constant; its content only where it is small.
    pub(crate) fn of_constant(tensor: &Tensor, source: &Source) -> Self {
        let mut fact = Fact::of_type(&tensor.value_type());
        let limit = match tensor.dtype {
            DType::F32 | DType::F64 | DType::F16 | DType::BF16 => 64,
            _ => MOST_ELEMENTS,
        };
        if fact.container.is_none() && fact.count().is_some_and(|n| n <= limit) {
            let float = matches!(tensor.dtype, DType::F32 | DType::F64 | DType::F16 | DType::BF16);
            let elem = |x: f64| if float { Elem::Float(x) } else { Elem::Int(Expr::from(x as i64)) };
            let content = tensor.numbers(source, limit);
            fact = fact.with_content(content.map(|c| c.into_iter().map(elem).collect()));
        }
        fact
    }

    /// What a declared type says. Negative dimensions say nothing.
    pub(crate) fn of_type(ty: &ValueType) -> Self {
        let tensor = |ty: &TensorType| {
            let size = |d: &Dim| d.size().filter(|e| e.known().is_none_or(|n| n >= 0));
            let shape = ty.shape.as_ref().map(|s| s.0.iter().map(size).collect());
            Fact::tensor(ty.dtype, shape)
        };
        match ty {
            ValueType::Tensor(ty) => tensor(ty),
            ValueType::SparseTensor(ty) => Fact { container: Some(Rc::new(Container::Sparse)), ..tensor(ty) },
            ValueType::Sequence(item) => Fact::sequence(Fact::of_type(item)),
            ValueType::Optional(item) => Fact::optional(Fact::of_type(item)),
            other => Fact { container: Some(Rc::new(Container::Other(other.clone()))), ..Fact::default() },
        }
    }

    /// The type; nothing if nothing is known.
    pub(crate) fn value_type(&self) -> Option<ValueType> {
        let tensor = || TensorType {
            dtype: self.dtype,
            shape: self.shape.as_ref().map(|s| Shape(s.iter().cloned().map(Dim::from).collect())),
        };
        Some(match self.container.as_deref() {
            None if self.dtype == DType::Undefined && self.shape.is_none() => return None,
            None => ValueType::Tensor(tensor()),
            Some(Container::Sparse) => ValueType::SparseTensor(tensor()),
            Some(Container::Sequence(item)) => ValueType::Sequence(Box::new(item.value_type_or_any())),
            Some(Container::Optional(item)) => ValueType::Optional(Box::new(item.value_type_or_any())),
            Some(Container::Other(ty)) => ty.clone(),
        })
    }

    fn value_type_or_any(&self) -> ValueType {
        let any = TensorType { dtype: DType::Undefined, shape: None };
        self.value_type().unwrap_or(ValueType::Tensor(any))
    }

    /// What holds for both: for the outputs of two branches, and of all rounds of a
    /// loop.
    pub(crate) fn common(&self, other: &Fact) -> Fact {
        if self == other {
            return self.clone();
        }
        let container = match (self.container.as_deref(), other.container.as_deref()) {
            (None, None) => None,
            (Some(Container::Sequence(a)), Some(Container::Sequence(b))) => {
                return Fact::sequence(a.common(b));
            }
            (Some(Container::Optional(a)), Some(Container::Optional(b))) => {
                return Fact::optional(a.common(b));
            }
            (Some(a), Some(b)) if a == b => self.container.clone(),
            _ => return Fact::default(),
        };
        let dtype = if self.dtype == other.dtype { self.dtype } else { DType::Undefined };
        let shape = match (&self.shape, &other.shape) {
            (Some(a), Some(b)) if a.len() == b.len() => {
                Some(a.iter().zip(b).map(|(a, b)| if a == b { a.clone() } else { None }).collect())
            }
            _ => None,
        };
        let content =
            if self.content == other.content && shape.is_some() { self.content.clone() } else { None };
        Fact { dtype, shape, content, container }
    }
}

impl Elem {
    pub(crate) fn size(&self) -> Size {
        match self {
            Elem::Int(expr) => Some(expr.clone()),
            _ => None,
        }
    }

    pub(crate) fn float(&self) -> Option<f64> {
        match self {
            Elem::Int(expr) => expr.known().map(|n| n as f64),
            Elem::Float(x) => Some(*x),
            Elem::Ratio(..) | Elem::Unknown => None,
        }
    }
}

/// What distinguishes one element from another.
#[derive(PartialEq, Eq, Hash)]
enum Identity<'a> {
    Int(&'a Expr),
    Float(u64),
    Ratio(&'a Expr, i64),
    Unknown,
}

impl Elem {
    fn identity(&self) -> Identity<'_> {
        match self {
            Elem::Int(expr) => Identity::Int(expr),
            Elem::Float(x) => Identity::Float(x.to_bits()),
            Elem::Ratio(size, by) => Identity::Ratio(size, *by),
            Elem::Unknown => Identity::Unknown,
        }
    }
}

impl PartialEq for Elem {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Elem {}

impl Hash for Elem {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl From<Size> for Elem {
    fn from(size: Size) -> Self {
        size.map_or(Elem::Unknown, Elem::Int)
    }
}

/// A dimension that is a number.
pub(crate) fn known(n: i64) -> Size {
    Some(Expr::from(n))
}

/// The product of dimensions.
pub(crate) fn product(sizes: &[Size]) -> Size {
    sizes.iter().try_fold(Expr::from(1), |product, size| product.times(size.as_ref()?))
}
