//! What operators mean, whatever format spells them.
//!
//! Operator words stay in the graph as the file has them; who needs their meaning
//! asks here, with the name of the format. Each format's words stand in
//! `dialect/`: their categories, the names of their input slots, the defaults of
//! their attributes, and which of them are constants or do nothing.

mod category;
mod constants;
mod dialect;
mod facts;
mod parameter;
mod shape;
mod types;

pub use category::Category;
pub use constants::parameters;
pub(crate) use constants::{ConstantUse, constants, slot_name_at};
pub use dialect::meaning_of;
#[doc(hidden)] // for our own tests alone
pub use dialect::signature_of;
pub(crate) use dialect::{
    Defined, Operand, constant_of, cost_of, defined, dtype_of, newest_version, onnx_dtype, onnx_dtype_number,
    outputs_of, signature_in, type_sets,
};
pub(crate) use parameter::is_parameter;
pub use types::{TypeOptions, derive_types, typed};

/// What an operator means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meaning {
    /// What it does, coarsely.
    pub category: Category,
    /// Whether it plays a part that a picture or an edit must know.
    pub role: Role,
}

/// The parts that single operators play, beyond computing something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// None.
    #[default]
    Plain,
    /// Its output is a constant that its attributes hold.
    Constant,
    /// Its only output is its first input.
    Identity,
    /// It gives the shape, or the number of elements, of its input.
    ShapeOf,
    /// It quantizes its first input.
    Quantize,
    /// It undoes that.
    Dequantize,
    /// In training it leaves values out at random.
    Dropout,
}
