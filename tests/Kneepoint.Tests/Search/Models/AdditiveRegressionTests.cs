using CsCheck;
using Kneepoint.Search.Models;

namespace Kneepoint.Tests.Search.Models;

public sealed class AdditiveRegressionTests
{
    const double Tiny = 1e-8;

    // 3 to 8 coefficients, 1 to 12 observations of up to 4 terms each, possibly of one coefficient twice.
    static readonly Gen<Case> Cases =
        from coefficients in Gen.Int[3, 8]
        from means in Gen.Double[-3, 3].Array[coefficients]
        from variances in Gen.Double[0.1, 4].Array[coefficients]
        from observations in ObservationOf(coefficients).Array[1, 12]
        select new Case(means, variances, observations);

    [Fact]
    public void Posterior_is_that_of_the_normal_equations_on_the_side_of_the_coefficients() =>
        Cases.Sample(given =>
        {
            var model = Fit(given);
            var (means, covariance) = ByNormalEquations(given);
            LinearTerm[][] single = [.. Enumerable.Range(0, means.Length).Select(j => new[] { new LinearTerm(j, 1) })];
            for (int j = 0; j < means.Length; j++)
            {
                Assert.Equal(means[j], model.Coefficients[j], Tiny);
                double[] found = model.Covariances(single[j], single);
                for (int k = 0; k < means.Length; k++) Assert.Equal(covariance[j][k], found[k], Tiny);
            }

            foreach (var observation in given.Observations)
            {
                var (mean, variance) = model.Predict(observation.Terms);
                double[] dense = Dense(observation, means.Length);
                Assert.Equal(Product(dense, means), mean, Tiny);
                Assert.Equal(Product(dense, [.. Enumerable.Range(0, means.Length).Select(j => Product(covariance[j], dense))]), variance, Tiny);
            }
        }, iter: 200);

    [Fact]
    public void Leaving_one_out_is_refitting_without_it() =>
        Cases.Sample(given =>
        {
            var left = Fit(given).LeaveOneOut();
            for (int i = 0; i < given.Observations.Length; i++)
            {
                var others = given with { Observations = [.. given.Observations.Where((_, place) => place != i)] };
                var (mean, variance) = Fit(others).Predict(given.Observations[i].Terms);
                Assert.Equal(mean, left[i].Mean, Tiny);
                Assert.Equal(variance + given.Observations[i].NoiseVariance, left[i].Variance, Tiny);
            }
        }, iter: 200);

    [Fact]
    public void Likelihood_is_the_product_of_what_each_observation_had_after_those_before_it() =>
        Cases.Sample(given =>
        {
            double sum = 0;
            for (int i = 0; i < given.Observations.Length; i++)
            {
                var next = given.Observations[i];
                var (mean, variance) = Fit(given with { Observations = given.Observations[..i] }).Predict(next.Terms);
                double total = variance + next.NoiseVariance, apart = next.Value - mean;
                sum -= (apart * apart / total + Math.Log(2 * Math.PI * total)) / 2;
            }

            Assert.Equal(sum, Fit(given).LogMarginalLikelihood, Tiny * Math.Max(1, Math.Abs(sum)));
        }, iter: 100);

    [Fact]
    public void Sums_without_noise_give_back_their_summands()
    {
        double[] truth = [3, -1, 0.5, 2];
        var observations = Enumerable.Range(1, 15).Select(mask =>
        {
            var terms = Enumerable.Range(0, 4).Where(j => (mask >> j & 1) == 1).Select(j => new LinearTerm(j, 1));
            return new LinearObservation([.. terms], terms.Sum(term => truth[term.Coefficient]), 1e-10);
        });

        var model = AdditiveRegression.Of([0, 0, 0, 0], [1, 1, 1, 1], observations);

        for (int j = 0; j < 4; j++) Assert.Equal(truth[j], model.Coefficients[j], 1e-6);
    }

    [Fact]
    public void Of_two_observations_the_noisy_one_weighs_less()
    {
        var model = AdditiveRegression.Of([0], [1e6], [One(1, 0.01), One(3, 1)]);

        Assert.Equal((1 / 0.01 + 3 / 1.0) / (1 / 0.01 + 1 / 1.0), model.Coefficients[0], 1e-4);
    }

    [Fact]
    public void What_was_not_observed_keeps_its_prior_and_what_is_known_its_value()
    {
        var model = AdditiveRegression.Of([5, 2], [3, 0], [One(7, 0.5, coefficient: 1)]);

        Assert.Equal((5.0, 3.0), model.Predict([new LinearTerm(0, 1)]));
        Assert.Equal((4.0, 0.0), model.Predict([new LinearTerm(1, 2)]));
    }

    [Fact]
    public void Without_observations_it_is_the_prior()
    {
        var model = AdditiveRegression.Of([5, 2], [3, 1], []);

        Assert.Equal((3.0, 4.0), model.Predict([new LinearTerm(0, 1), new LinearTerm(1, -1)]));
        Assert.Empty(model.LeaveOneOut());
        Assert.Equal(0, model.LogMarginalLikelihood);
    }

    [Theory]
    [InlineData(-1.0, 1.0, 0, "A variance is -1; it must be finite and at least 0.")]
    [InlineData(1.0, 0.0, 0, "An observation of 1 has the noise variance 0; both must be finite and the second positive.")]
    [InlineData(1.0, 1.0, 1, "A term names coefficient 1; there are 1.")]
    public void What_is_no_model_is_refused(double variance, double noise, int coefficient, string reason)
    {
        var exception = Assert.Throws<ArgumentException>(() => AdditiveRegression.Of([0], [variance], [One(1, noise, coefficient)]));

        Assert.StartsWith(reason, exception.Message, StringComparison.Ordinal);
    }

    static LinearObservation One(double value, double noise, int coefficient = 0) => new([new LinearTerm(coefficient, 1)], value, noise);

    static AdditiveRegression Fit(Case given) => AdditiveRegression.Of(given.Means, given.Variances, given.Observations);

    static Gen<LinearObservation> ObservationOf(int coefficients) =>
        from terms in Gen.Select(Gen.Int[0, coefficients - 1], Gen.Double[-2, 2], (coefficient, factor) => new LinearTerm(coefficient, factor)).Array[1, 4]
        from value in Gen.Double[-5, 5]
        from noise in Gen.Double[0.05, 1]
        select new LinearObservation([.. terms], value, noise);

    // (V⁻¹ + Fᵀ S⁻¹ F)⁻¹ and the mean by Gauss–Jordan with pivots: the other side of the matrix inversion lemma.
    static (double[] Means, double[][] Covariance) ByNormalEquations(Case given)
    {
        int count = given.Means.Length;
        double[][] rows = [.. Enumerable.Range(0, count).Select(_ => new double[2 * count + 1])];
        for (int j = 0; j < count; j++)
        {
            rows[j][j] = 1 / given.Variances[j];
            rows[j][count] = given.Means[j] / given.Variances[j];
            rows[j][count + 1 + j] = 1;
        }

        foreach (var observation in given.Observations)
        {
            double[] dense = Dense(observation, count);
            for (int j = 0; j < count; j++)
            {
                for (int k = 0; k < count; k++) rows[j][k] += dense[j] * dense[k] / observation.NoiseVariance;
                rows[j][count] += dense[j] * observation.Value / observation.NoiseVariance;
            }
        }

        for (int k = 0; k < count; k++)
        {
            int pivot = Enumerable.Range(k, count - k).MaxBy(row => Math.Abs(rows[row][k]));
            (rows[k], rows[pivot]) = (rows[pivot], rows[k]);
            double head = rows[k][k];
            for (int c = 0; c < rows[k].Length; c++) rows[k][c] /= head;
            foreach (double[] other in rows.Where(row => row != rows[k]))
            {
                double factor = other[k];
                for (int c = 0; c < other.Length; c++) other[c] -= factor * rows[k][c];
            }
        }

        return ([.. rows.Select(row => row[count])], [.. rows.Select(row => row[(count + 1)..])]);
    }

    static double[] Dense(LinearObservation observation, int count)
    {
        double[] dense = new double[count];
        foreach (var term in observation.Terms) dense[term.Coefficient] += term.Factor;
        return dense;
    }

    static double Product(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    sealed record Case(double[] Means, double[] Variances, LinearObservation[] Observations);
}
