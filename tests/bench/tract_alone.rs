//! tract as it is, to measure what `modelgram run` adds to it.
//!
//! `tract_alone MODEL SHAPE [--optimised]`, where SHAPE is the input's, such as `1,3,224,224`:
//! reads a model as tract's own documentation says, runs it once on zeros, and says what it
//! gave.
#![allow(clippy::print_stdout)]

use tract_onnx::prelude::*;

fn main() -> TractResult<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(model), Some(shape)) = (args.first(), args.get(1)) else {
        return Err(TractError::msg("tract_alone MODEL SHAPE [--optimised]"));
    };
    let shape: Vec<usize> = shape.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let fact = InferenceFact::dt_shape(f32::datum_type(), &shape);
    let model = tract_onnx::onnx()
        .with_ignore_value_info(true)
        .with_ignore_output_types(true)
        .with_ignore_output_shapes(true)
        .model_for_path(model)?
        .with_input_fact(0, fact)?;
    let typed = match args.iter().any(|arg| arg == "--optimised") {
        true => model.into_optimized()?,
        false => model.into_typed()?,
    };
    let plan = typed.into_runnable()?;
    let outputs = plan.run(tvec!(Tensor::zero::<f32>(&shape)?.into_tvalue()))?;
    for output in outputs.iter() {
        println!("{output:?}");
    }
    Ok(())
}
