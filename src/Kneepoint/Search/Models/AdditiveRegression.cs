using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Search.Models;

/// <summary>Bayesian linear regression on sparse features: what many sums that were observed say of their summands.</summary>
/// <remarks>
/// Computes, for y_i = Σ_j F_ij w_j + e_i with w_j ~ N(m_j, v_j) and e_i ~ N(0, s_i), all independent, the posterior on the side of the n observations:
/// K = F·V·Fᵀ + S, a = K⁻¹(y − F·m), E[w] = m + V·Fᵀ·a, Var[f·w] = f·V·fᵀ − k·K⁻¹·kᵀ with k = f·V·Fᵀ. It is a Gaussian process whose covariance is a sum over the features.
/// A coefficient that no observation holds keeps its mean and variance; one of variance 0 is a known constant.
/// Cost: n² numbers and n³/3 multiply-adds in binary64, whatever the number of coefficients; a prediction takes n². For n up to some thousands.
/// Source: [RasmussenWilliams2006] sections 2.1 and 5.4.2, equation 5.12.
/// </remarks>
public sealed class AdditiveRegression
{
    readonly ImmutableArray<double> _variances;
    readonly ImmutableArray<LinearObservation> _observations;
    readonly double[] _covariance;
    readonly double[] _factors;
    readonly double[] _weights;

    AdditiveRegression(IReadOnlyList<double> means, IReadOnlyList<double> variances, ImmutableArray<LinearObservation> observations)
    {
        _variances = [.. variances];
        _observations = observations;
        int count = observations.Length;
        _covariance = CovarianceOf(observations, _variances);
        _factors = (double[])_covariance.Clone();
        if (!FeedbackFactor.TryFactor(_factors, count))
        {
            throw new ArgumentException("The observations' covariance is not positive definite to working precision: their noise is too small beside the variances of the coefficients.", nameof(observations));
        }

        double[] residuals = [.. observations.Select(observation => observation.Value - Dot(observation.Terms, means))];
        _weights = (double[])residuals.Clone();
        SymmetricSolve.Solve(_factors, count, _weights);
        LogMarginalLikelihood = LogDensity(residuals);
        Coefficients = Posterior(means);
    }

    /// <summary>The expected coefficients, after the observations.</summary>
    public ImmutableArray<double> Coefficients { get; }

    /// <summary>The logarithm of the density of the observed values before they were seen: which prior explains them best.</summary>
    public double LogMarginalLikelihood { get; }

    /// <summary>Fits the coefficients.</summary>
    /// <param name="means">The expected coefficients before any observation.</param>
    /// <param name="variances">Their variances, at least 0.</param>
    /// <param name="observations">May be empty; in any order, on which the result depends in its last bits only.</param>
    /// <exception cref="ArgumentException">The lengths differ, a term names no coefficient, a number is not finite, a variance is negative or a noise not positive, or the noise is too small to tell the observations apart.</exception>
    public static AdditiveRegression Of(IReadOnlyList<double> means, IReadOnlyList<double> variances, IEnumerable<LinearObservation> observations)
    {
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(variances);
        ArgumentNullException.ThrowIfNull(observations);
        if (means.Count != variances.Count) throw new ArgumentException($"There are {means.Count} means and {variances.Count} variances.", nameof(variances));
        if (means.FirstOrDefault(mean => !double.IsFinite(mean), 0) is not 0 and var mean) throw new ArgumentException(Text($"A mean is {mean}; it must be finite."), nameof(means));
        if (variances.FirstOrDefault(variance => !(variance >= 0 && double.IsFinite(variance)), 0) is not 0 and var variance)
        {
            throw new ArgumentException(Text($"A variance is {variance}; it must be finite and at least 0."), nameof(variances));
        }

        ImmutableArray<LinearObservation> all = [.. observations];
        foreach (var observation in all)
        {
            Check(observation.Terms, means.Count);
            if (double.IsFinite(observation.Value) && observation.NoiseVariance > 0 && double.IsFinite(observation.NoiseVariance)) continue;
            throw new ArgumentException(Text($"An observation of {observation.Value} has the noise variance {observation.NoiseVariance}; both must be finite and the second positive."), nameof(observations));
        }

        return new AdditiveRegression(means, variances, all);
    }

    /// <summary>Predicts a sum.</summary>
    /// <param name="terms">Its terms; those of one coefficient add up.</param>
    /// <returns>The mean, and the variance of the sum itself, without the noise of observing it.</returns>
    /// <exception cref="ArgumentException">A term names no coefficient or its factor is not finite.</exception>
    public (double Mean, double Variance) Predict(IReadOnlyList<LinearTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Check(terms, _variances.Length);
        // Rounding alone can make the difference of two equal numbers negative.
        return (Dot(terms, Coefficients), Math.Max(0, Covariances(terms, [terms])[0]));
    }

    /// <summary>How sums vary together, after the observations and without the noise of observing them.</summary>
    /// <param name="terms">The terms of one sum.</param>
    /// <param name="others">The terms of others.</param>
    /// <returns>The covariance with each of the others.</returns>
    /// <exception cref="ArgumentException">A term names no coefficient or its factor is not finite.</exception>
    public double[] Covariances(IReadOnlyList<LinearTerm> terms, IReadOnlyList<IReadOnlyList<LinearTerm>> others)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(others);
        Check(terms, _variances.Length);
        double[] scaled = Scaled(terms);
        double[] solved = Shared(scaled);
        SymmetricSolve.Solve(_factors, _observations.Length, solved);
        return [.. others.Select(other =>
        {
            Check(other, _variances.Length);
            double covariance = Dot(other, scaled);
            double[] shared = Shared(Scaled(other));
            for (int i = 0; i < shared.Length; i++) covariance -= shared[i] * solved[i];
            return covariance;
        })];
    }

    /// <summary>Predicts each observed value from all the others, by the closed form: y_i − a_i ÷ [K⁻¹]_ii with the variance 1 ÷ [K⁻¹]_ii.</summary>
    /// <returns>In the order of the observations; each variance is that of the observed value, its noise included.</returns>
    public ImmutableArray<(double Mean, double Variance)> LeaveOneOut()
    {
        int count = _observations.Length;
        double[] inverse = (double[])_covariance.Clone();
        if (!SymmetricInverse.TryInvert(inverse, count)) throw new InvalidOperationException("A matrix that has factors has no inverse.");
        return [.. Enumerable.Range(0, count).Select(i => (_observations[i].Value - _weights[i] / inverse[i * count + i], 1 / inverse[i * count + i]))];
    }

    // The terms times the variances of their coefficients.
    double[] Scaled(IReadOnlyList<LinearTerm> terms)
    {
        double[] scaled = new double[_variances.Length];
        foreach (var term in terms) scaled[term.Coefficient] += term.Factor * _variances[term.Coefficient];
        return scaled;
    }

    double[] Shared(double[] scaled) => [.. _observations.Select(observation => Dot(observation.Terms, scaled))];

    ImmutableArray<double> Posterior(IReadOnlyList<double> means)
    {
        double[] sums = new double[_variances.Length];
        for (int i = 0; i < _observations.Length; i++)
        {
            foreach (var term in _observations[i].Terms) sums[term.Coefficient] += term.Factor * _weights[i];
        }

        return [.. sums.Select((sum, j) => means[j] + _variances[j] * sum)];
    }

    double LogDensity(double[] residuals)
    {
        int count = residuals.Length;
        double sum = count * Math.Log(2 * Math.PI);
        for (int i = 0; i < count; i++) sum += residuals[i] * _weights[i] + Math.Log(_factors[i * count + i]);
        return -sum / 2;
    }

    static double[] CovarianceOf(ImmutableArray<LinearObservation> observations, ImmutableArray<double> variances)
    {
        int count = observations.Length;
        double[] covariance = new double[checked(count * count)];
        double[] dense = new double[variances.Length];
        for (int i = 0; i < count; i++)
        {
            foreach (var term in observations[i].Terms) dense[term.Coefficient] += term.Factor * variances[term.Coefficient];
            for (int j = 0; j <= i; j++) covariance[i * count + j] = covariance[j * count + i] = Dot(observations[j].Terms, dense);
            covariance[i * count + i] += observations[i].NoiseVariance;
            foreach (var term in observations[i].Terms) dense[term.Coefficient] = 0;
        }

        return covariance;
    }

    static double Dot(IReadOnlyList<LinearTerm> terms, IReadOnlyList<double> coefficients)
    {
        double sum = 0;
        foreach (var term in terms) sum += term.Factor * coefficients[term.Coefficient];
        return sum;
    }

    static void Check(IReadOnlyList<LinearTerm> terms, int count)
    {
        foreach (var term in terms)
        {
            if ((uint)term.Coefficient >= (uint)count) throw new ArgumentException($"A term names coefficient {term.Coefficient}; there are {count}.", nameof(terms));
            if (!double.IsFinite(term.Factor)) throw new ArgumentException(Text($"The factor of coefficient {term.Coefficient} is {term.Factor}; it must be finite."), nameof(terms));
        }
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One summand: a coefficient and what it is multiplied with; 1 for a thing that is there or not.</summary>
/// <param name="Coefficient">The coefficient's number.</param>
/// <param name="Factor">Finite.</param>
public readonly record struct LinearTerm(int Coefficient, double Factor);

/// <summary>A sum that was observed.</summary>
/// <param name="Terms">Its summands; those of one coefficient add up.</param>
/// <param name="Value">What was observed.</param>
/// <param name="NoiseVariance">The variance of the observation, positive.</param>
public sealed record LinearObservation(ImmutableArray<LinearTerm> Terms, double Value, double NoiseVariance);
