using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Search.Models;

/// <summary>Exact regression by a Gaussian process with mean 0: what some noisy observations say of the value at another place.</summary>
/// <remarks>
/// With K the covariances of the observed places and N their noise, the value at a place with covariances k to them has mean kᵀ(K + N)⁻¹y and variance k₀ − kᵀ(K + N)⁻¹k.
/// Cost: n³/3 multiply-adds to learn, n for a mean, n² for a variance. Deterministic. Source: [RasmussenWilliams2006] algorithm 2.1 and section 5.4.2.
/// </remarks>
public sealed class GaussianProcess
{
    // What rounding can take from a matrix of covariances, as a share of its largest variance.
    const double Jitter = 1e-10;

    readonly int _count;
    readonly double[] _factors;
    readonly double[] _weights;
    readonly double[] _values;

    /// <summary>Learns from observations.</summary>
    /// <param name="covariance">Covariance of the values at two observed places, by their indices; symmetric, positive semidefinite.</param>
    /// <param name="values">[n], what was observed.</param>
    /// <param name="noiseVariances">[n], of each observation; at least 0.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the covariances are not those of any process.</exception>
    public GaussianProcess(Func<int, int, double> covariance, ReadOnlySpan<double> values, ReadOnlySpan<double> noiseVariances)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        if (values.Length != noiseVariances.Length) throw new ArgumentException($"{values.Length} values have {noiseVariances.Length} noise variances.", nameof(noiseVariances));
        _count = values.Length;
        _values = [.. values];
        _factors = new double[_count * _count];
        for (int i = 0; i < _count; i++)
        {
            for (int j = i; j < _count; j++) _factors[i * _count + j] = _factors[j * _count + i] = covariance(i, j);
        }

        double largest = 0;
        for (int i = 0; i < _count; i++) largest = Math.Max(largest, _factors[i * _count + i] + noiseVariances[i]);
        for (int i = 0; i < _count; i++) _factors[i * _count + i] += noiseVariances[i] + Jitter * largest;
        if (_count > 0 && !FeedbackFactor.TryFactor(_factors, _count)) throw new ArgumentException("The covariances with their noise are not positive definite.", nameof(covariance));
        _weights = [.. values];
        SymmetricSolve.Solve(_factors, _count, _weights);
    }

    /// <summary>The logarithm of the density of the observed values under the process: what covariances are chosen by, nats.</summary>
    public double LogLikelihood
    {
        get
        {
            double quadratic = 0, determinant = 0;
            for (int i = 0; i < _count; i++)
            {
                quadratic += _values[i] * _weights[i];
                determinant += Math.Log(_factors[i * _count + i]);
            }

            return -(quadratic + determinant + _count * Math.Log(2 * Math.PI)) / 2;
        }
    }

    /// <summary>The expected value at a place.</summary>
    /// <param name="covariances">[n], with the observed places.</param>
    public double Mean(ReadOnlySpan<double> covariances)
    {
        double sum = 0;
        for (int i = 0; i < _count; i++) sum += covariances[i] * _weights[i];
        return sum;
    }

    /// <summary>How uncertain the value at a place is, without noise.</summary>
    /// <param name="covariances">[n], with the observed places.</param>
    /// <param name="variance">Of the value before anything was observed.</param>
    public double Variance(ReadOnlySpan<double> covariances, double variance)
    {
        double[] solved = covariances[.._count].ToArray();
        SymmetricSolve.Solve(_factors, _count, solved);
        for (int i = 0; i < _count; i++) variance -= covariances[i] * solved[i];
        return Math.Max(0, variance);
    }

    /// <summary>What the other observations say of each one: the residuals and variances, noise included, without learning anew.</summary>
    /// <returns>[n]: observed less predicted, and the variance of the prediction.</returns>
    public (double Residual, double Variance)[] LeaveOneOut()
    {
        var left = new (double, double)[_count];
        double[] unit = new double[_count];
        for (int i = 0; i < _count; i++)
        {
            Array.Clear(unit);
            unit[i] = 1;
            SymmetricSolve.Solve(_factors, _count, unit);
            left[i] = (_weights[i] / unit[i], 1 / unit[i]);
        }

        return left;
    }
}
