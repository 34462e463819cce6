//! Matrix products, and attention.

use super::rule::Rule;
use crate::model::{DType, Expr};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};
use crate::ops::shape::matmul;

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "Attention" => attention,
        "Det" => |call| {
            let shape = call.shape(0).and_then(|s| s.get(..s.len().checked_sub(2)?)).map(<[Size]>::to_vec);
            vec![Fact::tensor(call.dtype(0), shape)]
        },
        "Einsum" => einsum,
        "FlexAttention" => flex_attention,
        "Gemm" => gemm,
        "LinearAttention" => linear_attention,
        "MatMul" => |call| vec![Fact::tensor(call.dtype(0), product(call, 0, 1))],
        "MatMulInteger" => |call| vec![Fact::tensor(DType::I32, product(call, 0, 1))],
        "QLinearMatMul" => |call| vec![Fact::tensor(call.dtype(7), product(call, 0, 3))],
        _ => return None,
    })
}

pub(super) fn product(call: &Call<'_>, a: usize, b: usize) -> Option<Vec<Size>> {
    matmul(call, call.shape(a)?, call.shape(b)?)
}

pub(super) fn gemm(call: &Call<'_>) -> Outputs {
    let side = |slot: usize, turned: bool, row: bool| -> Size {
        call.shape(slot).filter(|s| s.len() == 2).and_then(|s| s[usize::from(turned == row)].clone())
    };
    let (a, b) = (call.int("transA", 0) != 0, call.int("transB", 0) != 0);
    crate::ops::shape::same(
        call,
        &side(0, a, false),
        &side(1, b, true),
        "the inner dimensions of a matrix product",
    );
    vec![Fact::tensor(call.dtype(0), Some(vec![side(0, a, true), side(1, b, false)]))]
}

fn einsum(call: &Call<'_>) -> Outputs {
    vec![Fact::tensor(call.dtype(0), einsum_shape(call))]
}

/// The letters of the equation stand for sizes; `...` for any number of them.
fn einsum_shape(call: &Call<'_>) -> Option<Vec<Size>> {
    let equation: String = call.text("equation")?.chars().filter(|c| !c.is_whitespace()).collect();
    match equation.split_once("->") {
        Some((left, right)) => Some(Letters::of(call, left)?.in_order_of(right)),
        None => Some(Letters::of(call, &equation)?.that_stand_once()),
    }
}

/// What the letters of an equation stand for.
#[derive(Default)]
struct Letters {
    sizes: Vec<(char, Size)>,
    counts: Vec<(char, usize)>,
    /// What `...` stands for.
    rest: Vec<Size>,
}

impl Letters {
    /// The letters of the operands' terms.
    fn of(call: &Call<'_>, terms: &str) -> Option<Self> {
        let mut letters = Letters::default();
        for (i, term) in terms.split(',').enumerate() {
            letters.add(call, call.shape(i)?, term)?;
        }
        Some(letters)
    }

    /// Adds those of an operand of this shape.
    fn add(&mut self, call: &Call<'_>, shape: &[Size], term: &str) -> Option<()> {
        let letters = term.chars().filter(|c| c.is_alphabetic()).count();
        let open = shape.len().checked_sub(letters)?;
        let mut axis = 0;
        let mut chars = term.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '.' {
                while chars.peek() == Some(&'.') {
                    chars.next();
                }
                let these = shape.get(axis..axis + open)?;
                self.rest = crate::ops::shape::broadcast(call, &[&self.rest, these])?;
                axis += open;
                continue;
            }
            self.count(c, shape.get(axis)?.clone());
            axis += 1;
        }
        Some(())
    }

    fn count(&mut self, c: char, size: Size) {
        match self.sizes.iter_mut().find(|(letter, _)| *letter == c) {
            // A size of 1 is repeated.
            Some((_, before)) if *before == known(1) || before.is_none() => *before = size,
            Some(_) => {}
            None => self.sizes.push((c, size)),
        }
        match self.counts.iter_mut().find(|(letter, _)| *letter == c) {
            Some((_, n)) => *n += 1,
            None => self.counts.push((c, 1)),
        }
    }

    fn size(&self, c: char) -> Size {
        self.sizes.iter().find(|(letter, _)| *letter == c).and_then(|(_, size)| size.clone())
    }

    /// The sizes of the letters of the result's term.
    fn in_order_of(&self, term: &str) -> Vec<Size> {
        let mut result = Vec::new();
        let mut dots = false;
        for c in term.chars() {
            match c {
                '.' if !dots => {
                    dots = true;
                    result.extend(self.rest.iter().cloned());
                }
                '.' => {}
                c => result.push(self.size(c)),
            }
        }
        result
    }

    /// The sizes of the letters that stand once, in alphabetical order, after those of `...`.
    fn that_stand_once(&self) -> Vec<Size> {
        let mut once: Vec<char> = self.counts.iter().filter(|(_, n)| *n == 1).map(|(c, _)| *c).collect();
        once.sort_unstable();
        self.rest.iter().cloned().chain(once.into_iter().map(|c| self.size(c))).collect()
    }
}

/// `Attention` of opset 23: Q, K and V with their heads apart (rank 4) or together.
fn attention(call: &Call<'_>) -> Outputs {
    let (q, k, v) = (call.shape(0), call.shape(1), call.shape(2));
    let dtype = call.dtype(0);
    let at = |s: Option<&[Size]>, i: usize| s.and_then(|s| s.get(i)).cloned().flatten();
    let heads = |name: &str| call.int_if(name).map(Expr::from);
    let (q_heads, kv_heads) = (heads("q_num_heads"), heads("kv_num_heads"));
    let rank = q.map(<[Size]>::len);
    let past = at(call.shape(4), 2);
    let total = |now: Size| match (call.has(4), now) {
        (false, now) => now,
        (true, now) => now.and_then(|n| n.plus(past.as_ref()?)),
    };
    let (y, present_k, present_v, weights) = match rank {
        Some(4) => {
            let y = vec![at(q, 0), at(q, 1), at(q, 2), at(v, 3)];
            let all = total(at(k, 2));
            let present_k = vec![at(k, 0), at(k, 1), all.clone(), at(k, 3)];
            let present_v = vec![at(v, 0), at(v, 1), total(at(v, 2)), at(v, 3)];
            (Some(y), Some(present_k), Some(present_v), Some(vec![at(q, 0), at(q, 1), at(q, 2), all]))
        }
        Some(3) => {
            let per_head = |s: Option<&[Size]>| at(s, 2).and_then(|n| n.exact_quotient(kv_heads.as_ref()?));
            let width = per_head(v).and_then(|n| n.times(q_heads.as_ref()?));
            let all = total(at(k, 1));
            let present_k = vec![at(k, 0), kv_heads.clone(), all.clone(), per_head(k)];
            let present_v = vec![at(v, 0), kv_heads.clone(), total(at(v, 1)), per_head(v)];
            let weights = vec![at(q, 0), q_heads.clone(), at(q, 1), all];
            (Some(vec![at(q, 0), at(q, 1), width]), Some(present_k), Some(present_v), Some(weights))
        }
        _ => (None, None, None, None),
    };
    vec![
        Fact::tensor(dtype, y),
        Fact::tensor(call.dtype(1), present_k),
        Fact::tensor(call.dtype(2), present_v),
        Fact::tensor(dtype, weights),
    ]
}

fn flex_attention(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).zip(call.shape(2)).filter(|(q, v)| q.len() == 4 && v.len() == 4);
    let shape = shape.map(|(q, v)| vec![q[0].clone(), q[1].clone(), q[2].clone(), v[3].clone()]);
    vec![Fact::tensor(call.dtype(0), shape)]
}

/// Heads are together in the last axis; the state has them apart.
fn linear_attention(call: &Call<'_>) -> Outputs {
    let of = |slot: usize, i: usize| call.shape(slot).and_then(|s| s.get(i)).cloned().flatten();
    let heads = |name: &str| call.int_if(name).map(Expr::from);
    let (q_heads, kv_heads) = (heads("q_num_heads"), heads("kv_num_heads"));
    let per_head = |slot: usize| of(slot, 2).and_then(|n| n.exact_quotient(kv_heads.as_ref()?));
    let width = per_head(2).and_then(|n| n.times(q_heads.as_ref()?));
    let state = match call.input(3) {
        Some(past) if past.is_complete() => past.bare(),
        _ => {
            let shape = vec![of(0, 0), kv_heads.clone(), per_head(1), per_head(2)];
            Fact::tensor(call.dtype(if call.has(3) { 3 } else { 0 }), Some(shape))
        }
    };
    vec![Fact::tensor(call.dtype(0), Some(vec![of(0, 0), of(0, 1), width])), state]
}
