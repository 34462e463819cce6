//! Kinds of operations, as the picture tells them apart.

/// What an operator does, coarsely. A box has the colour of its category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Category {
    /// Weights times data: convolutions, matrix products, embeddings, recurrent nets.
    Layer,
    /// Non-linear functions, element by element (and softmax).
    Activation,
    /// Pooling.
    Pool,
    /// Normalization.
    Normalization,
    /// Attention.
    Attention,
    /// What only moves or re-indexes elements: reshape, transpose, slice, gather.
    Shape,
    /// What makes, joins, splits or converts tensors: concat, split, cast, constant.
    Tensor,
    /// Arithmetic, element by element.
    Elementwise,
    /// Reductions.
    Reduce,
    /// Quantization and its inverse.
    Quantization,
    /// Control flow and calls of functions.
    Control,
    /// Graph inputs and outputs.
    Data,
    /// Not known.
    #[default]
    Other,
}

impl Category {
    /// All categories.
    pub const ALL: [Category; 13] = [
        Category::Layer,
        Category::Activation,
        Category::Pool,
        Category::Normalization,
        Category::Attention,
        Category::Shape,
        Category::Tensor,
        Category::Elementwise,
        Category::Reduce,
        Category::Quantization,
        Category::Control,
        Category::Data,
        Category::Other,
    ];

    /// The word for legends and class names.
    pub fn word(self) -> &'static str {
        match self {
            Category::Layer => "layer",
            Category::Activation => "activation",
            Category::Pool => "pool",
            Category::Normalization => "normalization",
            Category::Attention => "attention",
            Category::Shape => "shape",
            Category::Tensor => "tensor",
            Category::Elementwise => "elementwise",
            Category::Reduce => "reduce",
            Category::Quantization => "quantization",
            Category::Control => "control",
            Category::Data => "data",
            Category::Other => "other",
        }
    }
}
