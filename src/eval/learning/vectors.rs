//! Support vector machines.

use super::scores::{Labels, Transform, logistic};
use super::trees::Samples;
use crate::eval::elements::{count, filled, of, room};
use crate::eval::wide::narrow;
use crate::eval::{Call, Engine, Failure, Value};
use crate::model::DType;

/// `SVMClassifier`: the class that wins most duels, and the scores of all duels, or the
/// probabilities of all classes.
pub(super) fn classifier(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let samples = Samples::of(call.array(0)?)?;
    let machine = Machine::of(call, samples.features)?;
    let labels = Labels::of(call, "classlabels_ints", "classlabels_strings")?;
    let classes = machine.firsts.len();
    if labels.len() != classes {
        return Failure::unsupported(format!("{} labels of {classes} classes", labels.len()));
    }
    let (mut places, mut all) = (room(samples.count)?, Vec::new());
    let mut columns = 0;
    for sample in samples.rows() {
        let (place, scores) = machine.judge(sample)?;
        places.push(place);
        columns = scores.len();
        all.try_reserve(columns).map_err(|_| Failure::TooLarge("no memory for scores".into()))?;
        all.extend(scores);
    }
    if samples.count == 0 {
        return Failure::unsupported("no samples");
    }
    let dims = vec![samples.count as i64, columns as i64];
    Ok(vec![labels.at(&places)?, narrow(DType::F32, dims, &all)?.into()])
}

/// `SVMRegressor`: a weighted sum of the kernel with all vectors; for one class its sign.
pub(super) fn regressor(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let samples = Samples::of(call.array(0)?)?;
    let kernel = Kernel::of(call)?;
    let weights = call.floats("coefficients")?.unwrap_or_default();
    let vectors = call.floats("support_vectors")?.unwrap_or_default();
    let rho = call.floats("rho")?.unwrap_or_default();
    let supports = call.int("n_supports", 0)?;
    let linear = supports == 0;
    let fits = match linear {
        true => weights.len() == samples.features && kernel.sort == Sort::Linear,
        false => {
            let wanted = usize::try_from(supports).ok().and_then(|n| n.checked_mul(samples.features));
            wanted == Some(vectors.len()) && weights.len() as i64 == supports
        }
    };
    let [rho] = rho.as_slice() else { return Failure::invalid("rho is not one number") };
    if !fits || samples.features == 0 {
        return Failure::invalid("the sizes of coefficients, vectors and samples do not fit");
    }
    if Transform::of(call)? != Transform::Keep {
        return Failure::unsupported("the post_transform of a single target differs between runtimes");
    }
    let one_class = call.int("one_class", 0)? != 0;
    let mut out = room(samples.count)?;
    for sample in samples.rows() {
        let sum: f64 = match linear {
            true => kernel.at(sample, &weights),
            false => {
                let kernels = vectors.chunks_exact(samples.features).map(|vector| kernel.at(sample, vector));
                kernels.zip(&weights).map(|(kernel, &weight)| kernel * f64::from(weight)).sum()
            }
        };
        let score = sum + f64::from(*rho);
        out.push(match one_class {
            true if score > 0.0 => 1.0,
            true => -1.0,
            false => score,
        });
    }
    Ok(vec![of(vec![samples.count as i64, 1], out.into_iter().map(|x| x as f32).collect()).into()])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Linear,
    Poly,
    Rbf,
    Sigmoid,
}

/// The similarity of a sample and a vector.
struct Kernel {
    sort: Sort,
    gamma: f64,
    offset: f64,
    degree: f64,
}

impl Kernel {
    fn of(call: &Call<'_>) -> Result<Self, Failure> {
        let sort = match call.text("kernel_type", "LINEAR")?.as_str() {
            "LINEAR" => Sort::Linear,
            "POLY" => Sort::Poly,
            "RBF" => Sort::Rbf,
            "SIGMOID" => Sort::Sigmoid,
            other => return Failure::invalid(format!("there is no kernel `{other}`")),
        };
        let parameters = call.floats("kernel_params")?.unwrap_or_default();
        let [gamma, offset, degree] = match *parameters.as_slice() {
            [] if sort == Sort::Linear => [0.0; 3],
            [gamma, offset, degree] => [gamma, offset, degree].map(f64::from),
            _ => return Failure::invalid("kernel_params are not three numbers"),
        };
        if degree.fract() != 0.0 {
            return Failure::unsupported("a degree with a fraction differs between runtimes");
        }
        Ok(Kernel { sort, gamma, offset, degree })
    }

    fn at(&self, sample: &[f64], vector: &[f32]) -> f64 {
        let pairs = sample.iter().zip(vector).map(|(&x, &y)| (x, f64::from(y)));
        if self.sort == Sort::Rbf {
            return libm::exp(-self.gamma * pairs.map(|(x, y)| (x - y) * (x - y)).sum::<f64>());
        }
        let product: f64 = pairs.map(|(x, y)| x * y).sum();
        let moved = self.gamma * product + self.offset;
        match self.sort {
            Sort::Poly => libm::pow(moved, self.degree),
            Sort::Sigmoid => libm::tanh(moved),
            _ => product,
        }
    }
}

/// A classifier: each class has its vectors, and each two classes have a duel.
struct Machine {
    kernel: Kernel,
    features: usize,
    vectors: Vec<f32>,
    weights: Vec<f32>,
    /// The first vector of each class, and the one after its last.
    firsts: Vec<(usize, usize)>,
    rho: Vec<f32>,
    /// What makes probabilities of scores, if there are any.
    chances: Option<(Vec<f32>, Vec<f32>)>,
    transform: Transform,
}

impl Machine {
    fn of(call: &Call<'_>, features: usize) -> Result<Self, Failure> {
        let mut firsts = Vec::new();
        let mut total = 0usize;
        for size in call.ints("vectors_per_class")?.unwrap_or_default() {
            let size = usize::try_from(size).ok().filter(|&size| size <= u32::MAX as usize);
            let size =
                size.ok_or_else(|| Failure::Invalid("a class with a wrong number of vectors".into()))?;
            firsts.push((total, total + size));
            total += size;
        }
        if total == 0 || firsts.len() < 2 || firsts.len() > 1000 {
            return Failure::unsupported("a classifier without vectors, or with one class or too many");
        }
        let duels = firsts.len() * (firsts.len() - 1) / 2;
        let list = |name: &str| Ok::<_, Failure>(call.floats(name)?.unwrap_or_default());
        let (vectors, weights, rho) = (list("support_vectors")?, list("coefficients")?, list("rho")?);
        let (a, b) = (list("prob_a")?, list("prob_b")?);
        let fits = Some(vectors.len()) == total.checked_mul(features)
            && Some(weights.len()) == total.checked_mul(firsts.len() - 1)
            && rho.len() == duels
            && a.len() == b.len()
            && (a.is_empty() || a.len() == duels);
        if !fits || features == 0 {
            return Failure::invalid("the sizes of coefficients, vectors, rho and samples do not fit");
        }
        let transform = Transform::of(call)?;
        if firsts.len() == 2 && a.is_empty() {
            if transform != Transform::Keep {
                return Failure::unsupported("the only score of two classes differs between runtimes");
            }
            if weights.iter().all(|&weight| weight >= 0.0) {
                return Failure::unsupported("two classes without a negative weight differ between runtimes");
            }
        }
        let chances = (!a.is_empty()).then_some((a, b));
        Ok(Machine { kernel: Kernel::of(call)?, features, vectors, weights, firsts, rho, chances, transform })
    }

    /// The place of the class that wins most duels, and the scores.
    fn judge(&self, sample: &[f64]) -> Result<(usize, Vec<f64>), Failure> {
        let vectors = self.vectors.chunks_exact(self.features);
        let kernels: Vec<f64> = vectors.map(|vector| self.kernel.at(sample, vector)).collect();
        let classes = self.firsts.len();
        let part = |row: usize, class: usize| {
            let (from, to) = self.firsts[class];
            let weights = &self.weights[row * kernels.len() + from..row * kernels.len() + to];
            weights.iter().zip(&kernels[from..to]).map(|(&w, kernel)| f64::from(w) * kernel).sum::<f64>()
        };
        let (mut votes, mut scores) = (filled(classes, 0usize)?, Vec::new());
        for i in 0..classes {
            for j in i + 1..classes {
                let score = f64::from(self.rho[scores.len()]) + part(j - 1, i) + part(i, j);
                votes[if score > 0.0 { i } else { j }] += 1;
                scores.push(score);
            }
        }
        // The first of those with most votes.
        let place = (0..classes).rev().max_by_key(|&class| votes[class]).unwrap_or(0);
        if let Some((a, b)) = &self.chances {
            scores = probabilities(classes, &scores, a, b)?;
        } else if let &[score] = scores.as_slice() {
            scores = vec![-score, score];
        }
        self.transform.apply(&mut scores)?;
        Ok((place, scores))
    }
}

/// The probabilities of all classes, from those of each two (Wu, Lin and Weng, 2004, as LIBSVM
/// computes them).
fn probabilities(classes: usize, scores: &[f64], a: &[f32], b: &[f32]) -> Result<Vec<f64>, Failure> {
    let at = |i: usize, j: usize| i * classes + j;
    let size = count(&[classes as i64, classes as i64])?;
    let mut pairs = filled(size, 0.0)?;
    let mut duel = 0;
    for i in 0..classes {
        for j in i + 1..classes {
            let value = 1.0 - logistic(scores[duel] * f64::from(a[duel]) + f64::from(b[duel]));
            pairs[at(i, j)] = value.clamp(1e-7, 1.0 - 1e-7);
            pairs[at(j, i)] = 1.0 - pairs[at(i, j)];
            duel += 1;
        }
    }
    let mut q = filled(size, 0.0)?;
    for t in 0..classes {
        for j in (0..classes).filter(|&j| j != t) {
            q[at(t, t)] += pairs[at(j, t)] * pairs[at(j, t)];
            q[at(t, j)] = -pairs[at(j, t)] * pairs[at(t, j)];
        }
    }
    settled(classes, &q)
}

/// The distribution `p` that makes `p·q·p` least, by the steps that LIBSVM takes.
fn settled(classes: usize, q: &[f64]) -> Result<Vec<f64>, Failure> {
    let mut p = filled(classes, 1.0 / classes as f64)?;
    let row = |t: usize| &q[t * classes..(t + 1) * classes];
    for _ in 0..classes.max(100) {
        let mut qp: Vec<f64> =
            (0..classes).map(|t| row(t).iter().zip(&p).map(|(q, p)| q * p).sum()).collect();
        let mut pqp: f64 = p.iter().zip(&qp).map(|(p, qp)| p * qp).sum();
        if qp.iter().all(|qp| (qp - pqp).abs() < 0.005 / classes as f64) {
            break;
        }
        for t in 0..classes {
            let own = row(t)[t];
            let step = (pqp - qp[t]) / own;
            p[t] += step;
            pqp = (pqp + step * (step * own + 2.0 * qp[t])) / (1.0 + step) / (1.0 + step);
            qp.iter_mut().zip(row(t)).for_each(|(qp, q)| *qp = (*qp + step * q) / (1.0 + step));
            p.iter_mut().for_each(|p| *p /= 1.0 + step);
        }
    }
    Ok(p)
}
