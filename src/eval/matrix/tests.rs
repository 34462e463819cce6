use half::f16;

use super::*;
use crate::eval::testing::results;

#[test]
fn a_row_by_a_column_is_a_scalar() {
    let a = of(vec![3], vec![1f32, 2.0, 3.0]);
    assert_eq!(results("MatMul", vec![a.clone(), a], &[]), Ok(vec![of(vec![], vec![14f32]).into()]));
}

#[test]
fn a_batch_of_rows_by_one_matrix() {
    let a = of(vec![2, 1, 2], vec![1f32, 2.0, 3.0, 4.0]);
    let b = of(vec![2, 1], vec![10f32, 1.0]);
    assert_eq!(results("MatMul", vec![a, b], &[]), Ok(vec![of(vec![2, 1, 1], vec![12f32, 34.0]).into()]));
}

#[test]
fn whole_numbers_wrap_around_and_keep_64_bits() {
    let a = of(vec![1, 1], vec![1_700_000_000_000i64]);
    let b = of(vec![1, 1], vec![3i64]);
    let wanted = of(vec![1, 1], vec![5_100_000_000_000i64]);
    assert_eq!(results("MatMul", vec![a, b], &[]), Ok(vec![wanted.into()]));
    let a = of(vec![1, 1], vec![i32::MAX]);
    let b = of(vec![1, 1], vec![2i32]);
    assert_eq!(results("MatMul", vec![a, b], &[]), Ok(vec![of(vec![1, 1], vec![-2i32]).into()]));
}

#[test]
fn a_sum_over_nothing_is_zero() {
    let (a, b) = (of::<f32>(vec![2, 0], vec![]), of::<f32>(vec![0, 1], vec![]));
    let zero = of(vec![2, 1], vec![0f32, 0.0]);
    assert_eq!(results("MatMul", vec![a.clone(), b.clone()], &[]), Ok(vec![zero.into()]));
    let c = of(vec![1], vec![5f32]);
    let wanted = of(vec![2, 1], vec![5f32, 5.0]);
    assert_eq!(results("Gemm", vec![a, b, c], &[]), Ok(vec![wanted.into()]));
}

#[test]
fn gemm_scales_both_parts() {
    let a = of(vec![2, 1], vec![1f32, 2.0]);
    let b = of(vec![1, 1], vec![3f32]);
    let c = of(vec![2, 1], vec![10f32, 20.0]);
    let scale = [("alpha", AttributeValue::Float(-1.0)), ("beta", AttributeValue::Float(0.5))];
    let wanted = of(vec![2, 1], vec![2f32, 4.0]);
    assert_eq!(results("Gemm", vec![a, b, c], &scale), Ok(vec![wanted.into()]));
}

#[test]
fn factors_of_several_types_are_refused() {
    let (a, b) = (of(vec![1, 1], vec![1f32]), of(vec![1, 1], vec![f16::ONE]));
    assert!(matches!(results("MatMul", vec![a, b], &[]), Err(Failure::Invalid(_))));
}
