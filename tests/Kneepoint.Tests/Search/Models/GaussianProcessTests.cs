using Kneepoint.Search.Models;

namespace Kneepoint.Tests.Search.Models;

public sealed class GaussianProcessTests
{
    static readonly double[] Places = [0, 0.4, 1.1, 1.7, 2.9, 3], Values = [0.1, 0.5, 0.8, 0.9, 0.2, 0.25], Noises = [0.01, 0.02, 0.01, 0.05, 0.01, 0.01];

    static double Covariance(double a, double b) => 0.7 * Math.Exp(-(a - b) * (a - b) / 2) + 0.1;

    static GaussianProcess Process(int[] kept) => new((i, j) => Covariance(Places[kept[i]], Places[kept[j]]), [.. kept.Select(i => Values[i])], [.. kept.Select(i => Noises[i])]);

    [Fact]
    public void One_observation_gives_the_formula_of_two_normal_variables()
    {
        var process = Process([2]);
        double k = Covariance(2, Places[2]), variance = Covariance(2, 2), observed = Covariance(Places[2], Places[2]) + Noises[2];

        Assert.Equal(k / observed * Values[2], process.Mean([k]), 1e-8);
        Assert.Equal(variance - k * k / observed, process.Variance([k], variance), 1e-8);
        Assert.Equal(-(Values[2] * Values[2] / observed + Math.Log(observed) + Math.Log(2 * Math.PI)) / 2, process.LogLikelihood, 1e-8);
    }

    [Fact]
    public void What_is_observed_without_noise_is_predicted_without_doubt()
    {
        var process = new GaussianProcess((i, j) => Covariance(Places[i], Places[j]), Values, new double[Values.Length]);
        for (int i = 0; i < Places.Length; i++)
        {
            double[] covariances = [.. Places.Select(place => Covariance(place, Places[i]))];
            Assert.Equal(Values[i], process.Mean(covariances), 1e-4);
            Assert.Equal(0, process.Variance(covariances, Covariance(0, 0)), 1e-4);
        }
    }

    [Fact]
    public void Leaving_one_out_is_the_same_as_learning_without_it()
    {
        int[] all = [.. Enumerable.Range(0, Places.Length)];
        var left = Process(all).LeaveOneOut();
        foreach (int i in all)
        {
            int[] others = [.. all.Where(j => j != i)];
            var process = Process(others);
            double[] covariances = [.. others.Select(j => Covariance(Places[j], Places[i]))];
            Assert.Equal(Values[i] - process.Mean(covariances), left[i].Residual, 1e-6);
            Assert.Equal(process.Variance(covariances, Covariance(0, 0)) + Noises[i], left[i].Variance, 1e-6);
        }
    }

    [Fact]
    public void Nothing_observed_leaves_everything_as_it_was()
    {
        var process = new GaussianProcess((_, _) => 1, [], []);

        Assert.Equal(0, process.Mean([]));
        Assert.Equal(0.8, process.Variance([], 0.8));
        Assert.Empty(process.LeaveOneOut());
    }

    [Fact]
    public void Covariances_of_no_process_are_refused() => Assert.Throws<ArgumentException>(() => new GaussianProcess((i, j) => i == j ? 1 : 2, [1, 2], [0, 0]));
}
