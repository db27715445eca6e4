using System.Collections.Immutable;
using Kneepoint.Search.Models;

namespace Kneepoint.Tests.Search.Models;

public sealed class LatencyModelTests
{
    const int Groups = 8;
    const int Choices = 3;

    // The third choice runs in the kernel of the first; a chain.
    static readonly LatencyLayout Layout = new(
        [.. Enumerable.Repeat(ImmutableArray.Create("float", "integer", "float"), Groups)],
        [.. Enumerable.Range(0, Groups - 1).Select(group => (group, group + 1))]);

    [Fact]
    public void Sums_of_choices_and_boundaries_are_recovered()
    {
        var truth = new Truth(3);
        var random = new Random(5);
        var model = LatencyModel.Of(Layout, [.. truth.Uniform(), .. Enumerable.Range(0, 40).Select(_ => truth.Profile(Draw(random)))]);

        for (int i = 0; i < 50; i++)
        {
            int[] assignment = Draw(random);
            double ratio = truth.Profile(assignment).Ratio;
            Assert.InRange(model.Predict(assignment).Mean / ratio, 0.98, 1.02);
        }
    }

    [Fact]
    public void Without_profiles_of_mixtures_measured_ratios_alone_teach()
    {
        var truth = new Truth(4);
        var random = new Random(6);
        var profiles = truth.Uniform().ToArray();
        var measured = Enumerable.Range(0, 40).Select(_ => truth.Profile(Draw(random)) with { Parts = null, Deviation = 0.003 }).ToArray();

        var before = LatencyModel.Of(Layout, profiles);
        var after = LatencyModel.Of(Layout, [.. profiles, .. measured]);

        int[][] unseen = [.. Enumerable.Range(0, 60).Select(_ => Draw(random))];
        double Error(LatencyModel model) => unseen.Average(assignment => Math.Abs(model.Predict(assignment).Mean / truth.Profile(assignment).Ratio - 1));
        Assert.True(Error(after) < Error(before) / 2, $"{Error(after)} after {Error(before)}");
    }

    [Fact]
    public void What_was_measured_is_predicted_within_its_interval()
    {
        // Times that are no sums at all.
        var truth = new Truth(7);
        var random = new Random(8);
        var measured = Enumerable.Range(0, 10).Select(i => truth.Profile(Draw(random)) is var profile ? profile with { Ratio = profile.Ratio * (1 + 0.1 * Math.Sin(i)), Deviation = 0.004 } : null).OfType<LatencyObservation>().ToArray();

        var model = LatencyModel.Of(Layout, [.. truth.Uniform(), .. measured]);

        foreach (var observation in measured) Assert.InRange(model.Predict(observation.Assignment).Mean, observation.Ratio - 1.96 * 0.004, observation.Ratio + 1.96 * 0.004);
    }

    [Fact]
    public void Of_two_measurements_the_wide_one_weighs_less()
    {
        var truth = new Truth(9);
        var mixture = truth.Profile([0, 1, 2, 0, 1, 2, 0, 1]) with { Parts = null };
        var narrow = mixture with { Ratio = 1.1 * mixture.Ratio, Deviation = 0.005 };
        var wide = mixture with { Ratio = 0.8 * mixture.Ratio, Deviation = 0.05 };

        double mean = LatencyModel.Of(Layout, [.. truth.Uniform(), narrow, wide]).Predict(mixture.Assignment).Mean;

        Assert.True(Math.Abs(mean - narrow.Ratio) < Math.Abs(mean - wide.Ratio) / 5);
    }

    [Fact]
    public void Uncertainty_is_larger_where_no_profile_has_shown_the_boundaries()
    {
        var truth = new Truth(10);
        int[] mixture = [0, 1, 0, 1, 0, 1, 0, 1];
        var before = LatencyModel.Of(Layout, truth.Uniform(), new LatencySettings(0.05, 0.1, 0.05));
        var after = LatencyModel.Of(Layout, [.. truth.Uniform(), truth.Profile(mixture)], new LatencySettings(0.05, 0.1, 0.05));

        Assert.True(before.Predict(mixture).Deviation > 3 * after.Predict(mixture).Deviation);
        Assert.True(before.Predict(mixture).Deviation > 3 * before.Predict(new int[Groups]).Deviation);
    }

    [Fact]
    public void Cross_validation_is_fitting_again_without_the_one()
    {
        var truth = new Truth(11);
        var random = new Random(12);
        LatencyObservation[] all = [.. truth.Uniform(), .. Enumerable.Range(0, 8).Select(i => truth.Profile(Draw(random)) with { Deviation = 0.004 + 0.001 * i })];
        var model = LatencyModel.Of(Layout, all);

        var checks = model.CrossValidate();

        Assert.Equal(8, checks.Length);
        for (int i = 0; i < checks.Length; i++)
        {
            var left = all[Choices + i];
            var (mean, deviation) = LatencyModel.Of(Layout, all.Where(observation => observation != left), model.Settings).Predict(left.Assignment);
            Assert.Equal((mean, deviation, left.Ratio), (checks[i].Mean, checks[i].Deviation, checks[i].Measured));
            Assert.Equal(Math.Abs(mean / left.Ratio - 1), checks[i].RelativeError);
        }
    }

    [Fact]
    public void Parts_may_be_in_any_unit()
    {
        var truth = new Truth(13);
        LatencyObservation[] profiles = [.. truth.Uniform()];
        var scaled = profiles.Select((profile, i) => profile with { Parts = [.. profile.Parts!.Value.Select(part => part * 1024 * (i + 1))] });

        Assert.Equal(LatencyModel.Of(Layout, profiles).Predict(new int[Groups]).Mean, LatencyModel.Of(Layout, scaled).Predict(new int[Groups]).Mean, 1e-12);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var profile = new Truth(14).Uniform().First();

        Refused("None of the observations was profiled; at least the baseline must be.", profile with { Parts = null });
        Refused("A ratio is 0 ± ; both must be positive and finite.", profile with { Ratio = 0 });
        Refused("A ratio is 1 ± 0; both must be positive and finite.", profile with { Ratio = 1, Deviation = 0 });
        Refused("A profile of 8 groups has 8 parts; one more than groups was expected.", profile with { Parts = profile.Parts!.Value[1..] });
        Refused("An assignment for 8 groups has 7 entries.", profile with { Assignment = profile.Assignment[1..] });
        Refused("Group 0 has 3 choices; the assignment picks number 3.", profile with { Assignment = profile.Assignment.SetItem(0, 3) });

        static void Refused(string reason, LatencyObservation observation) =>
            Assert.StartsWith(reason, Assert.Throws<ArgumentException>(() => LatencyModel.Of(Layout, [observation])).Message, StringComparison.Ordinal);
    }

    static int[] Draw(Random random) => [.. Enumerable.Range(0, Groups).Select(_ => random.Next(Choices))];

    // Times that are sums: of each group's choice, and a toll at each boundary, which is noted with its first group.
    sealed class Truth
    {
        readonly double[][] _times;
        readonly double[] _tolls;

        public Truth(int seed)
        {
            var random = new Random(seed);
            _times = [.. Enumerable.Range(0, Groups).Select(_ => Enumerable.Range(0, Choices).Select(_ => 0.02 + random.NextDouble() / Groups).ToArray())];
            _tolls = [.. Enumerable.Range(0, Groups - 1).Select(_ => random.NextDouble() / Groups)];
        }

        public IEnumerable<LatencyObservation> Uniform() => Enumerable.Range(0, Choices).Select(choice => Profile([.. Enumerable.Repeat(choice, Groups)]));

        public LatencyObservation Profile(int[] assignment)
        {
            double[] parts = [.. assignment.Select((choice, group) => _times[group][choice]), 0.01];
            for (int group = 0; group < Groups - 1; group++)
            {
                if (Layout.Kernels[group][assignment[group]] != Layout.Kernels[group + 1][assignment[group + 1]]) parts[group] += _tolls[group];
            }

            return new LatencyObservation([.. assignment], parts.Sum(), [.. parts]);
        }
    }
}
