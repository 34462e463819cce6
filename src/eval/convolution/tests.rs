use half::f16;

use super::*;
use crate::eval::testing::results;

fn result(op: &str, operands: Vec<Array>, attributes: &[(&str, AttributeValue)]) -> Computed<Array> {
    results(op, operands, attributes)?.remove(0).array().cloned()
}

fn image(list: &[f32]) -> Array {
    of(vec![1, 1, list.len() as i64], list.to_vec())
}

#[test]
fn nothing_but_a_kernel_is_needed() {
    let found =
        result("Conv", vec![image(&[1.0, 2.0, 3.0]), image(&[1.0, 10.0]), of(vec![1], vec![0.5f32])], &[]);
    assert_eq!(found, Ok(image(&[21.5, 32.5])));
}

#[test]
fn same_padding_of_an_even_kernel_is_at_the_end_or_the_beginning() {
    let same = |text: &str| {
        let auto = [("auto_pad", AttributeValue::String(text.into()))];
        result("Conv", vec![image(&[1.0, 2.0]), image(&[1.0, 10.0])], &auto)
    };
    assert_eq!(same("SAME_UPPER"), Ok(image(&[21.0, 2.0])));
    assert_eq!(same("SAME_LOWER"), Ok(image(&[10.0, 21.0])));
}

#[test]
fn a_transposed_convolution_with_a_given_output() {
    let shape = [("strides", AttributeValue::Ints(vec![2])), ("output_shape", AttributeValue::Ints(vec![3]))];
    let found = result("ConvTranspose", vec![image(&[1.0, 2.0]), image(&[1.0, 10.0])], &shape);
    // The whole sum is 1 10 2 20; one of four goes, at the beginning unless SAME_UPPER says other.
    assert_eq!(found, Ok(image(&[10.0, 2.0, 20.0])));
}

#[test]
fn halves_are_rounded_once() {
    let half =
        |list: &[f32]| of(vec![1, 1, list.len() as i64], list.iter().map(|&x| f16::from_f32(x)).collect());
    let found = result("Conv", vec![half(&[2048.0, 1.0, 1.0]), half(&[1.0, 1.0, 1.0])], &[]);
    assert_eq!(found, Ok(half(&[2050.0])));
}

#[test]
fn a_kernel_with_infinities_that_meets_padding_is_refused() {
    let pads = [("pads", AttributeValue::Ints(vec![1, 1]))];
    let found = result("Conv", vec![image(&[1.0, 2.0]), image(&[1.0, f32::INFINITY])], &pads);
    assert!(matches!(found, Err(Failure::Unsupported(_))));
}
