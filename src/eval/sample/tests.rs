use super::*;
use crate::eval::value::Value;
use crate::model::{AttributeValue, Model};

fn call<'a>(model: &'a Model, op: &'a str, operands: Vec<Array>) -> Call<'a> {
    let inputs: Vec<Option<Value>> = operands.into_iter().map(|array| Some(array.into())).collect();
    Call { model, op, domain: "", opset: 17, attributes: Vec::new(), inputs, outputs: 1 }
}

fn ints<'a>(call: Call<'a>, list: &[(&str, &[i64])]) -> Call<'a> {
    list.iter().fold(call, |call, (name, list)| call.with(name, AttributeValue::Ints(list.to_vec())))
}

#[test]
fn a_product_with_a_broadcast_batch() {
    let model = Model::of("test", Default::default(), Default::default());
    let a = of(vec![2, 1, 2], vec![1f32, 2.0, 3.0, 4.0]);
    let b = of(vec![1, 2, 2], vec![1f32, 0.0, 0.0, 10.0]);
    let made = direct(&call(&model, "MatMul", vec![a, b])).unwrap();
    assert_eq!(made, [of(vec![2, 1, 2], vec![1f32, 20.0, 3.0, 40.0])]);
}

#[test]
fn a_transposed_factor() {
    let model = Model::of("test", Default::default(), Default::default());
    let a = of(vec![1, 2], vec![1f32, 2.0]);
    let b = of(vec![3, 2], vec![1f32, 1.0, 0.0, 1.0, 5.0, 0.0]);
    let call = call(&model, "Gemm", vec![a, b]).with("transB", AttributeValue::Int(1));
    assert_eq!(direct(&call).unwrap(), [of(vec![1, 3], vec![3f32, 2.0, 5.0])]);
}

#[test]
fn a_convolution_and_its_transpose() {
    let model = Model::of("test", Default::default(), Default::default());
    let x = of(vec![1, 1, 4], vec![1f32, 2.0, 3.0, 4.0]);
    let w = of(vec![1, 1, 3], vec![1f32, 10.0, 100.0]);
    let whole: &[(&str, &[i64])] = &[("strides", &[2]), ("dilations", &[1]), ("pads", &[1, 1])];
    let conv = ints(call(&model, "Conv", vec![x.clone(), w.clone()]), whole);
    assert_eq!(direct(&conv).unwrap(), [of(vec![1, 1, 2], vec![210f32, 432.0])]);
    let back = ints(
        call(&model, "ConvTranspose", vec![x, w]),
        &[("strides", &[2]), ("dilations", &[1]), ("pads", &[0, 0])],
    );
    let wanted = vec![1f32, 10.0, 102.0, 20.0, 203.0, 30.0, 304.0, 40.0, 400.0];
    assert_eq!(direct(&back).unwrap(), [of(vec![1, 1, 9], wanted)]);
}

#[test]
fn a_wrong_number_of_an_engine_is_seen() {
    let model = Model::of("test", Default::default(), Default::default());
    let a = of(vec![1, 2], vec![1f32, f32::NAN]);
    let call = call(&model, "MatMul", vec![a, of(vec![2, 1], vec![1f32, 1.0])]);
    assert!(check(&call, &of(vec![1, 1], vec![f32::NAN])).is_ok());
    assert!(matches!(check(&call, &of(vec![1, 1], vec![1f32])), Err(Failure::Wrong(_))));
    assert!(matches!(check(&call, &of(vec![1], vec![f32::NAN])), Err(Failure::Wrong(_))));
}
