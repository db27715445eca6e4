using System.Collections.Immutable;
using Kneepoint.Search.Models;
using Kneepoint.Search.Space;
using Kneepoint.Tests.Search.Space;

namespace Kneepoint.Tests.Search.Models;

public sealed class TimeSurfaceTests
{
    const double Baseline = 2, Macs = 1000;

    // The network as it is, and a form that takes half of its multiply–accumulates.
    static readonly SearchSpace Space = new(Tables.Of(2, 1),
        [NetworkForm.AsIs(2), new NetworkForm([Spaces.Prune], 0.01, [0.5, 0.5]) { Figures = ImmutableSortedDictionary<string, double>.Empty.Add("macs", Macs / 2) }], []);

    static readonly Genome Pruned = new(1, false, [0, 0]);

    static TimeSurface Surface() => new(Space, Baseline, Macs,
        new LatencyLayout([.. Space.Table.Groups.Select(group => group.Choices.Select(choice => choice.Method.Text).ToImmutableArray())], []), [new LatencyObservation([0, 0], 1, [0.5, 0.4, 0.1])]);

    [Fact]
    public void Bug_the_first_guess_of_a_form_was_a_share_of_the_heaviest_form_and_not_of_the_network() =>
        Assert.Equal(Baseline / 2, Surface().Of(Pruned), 0.01 * Baseline);

    [Fact]
    public void Bug_the_time_of_a_form_depended_on_how_often_its_measurements_were_learned()
    {
        var surface = Surface();
        (Genome, double)[] measured = [(Pruned, 0.9 * Baseline)];
        surface.Learn(measured);
        double once = surface.Of(Pruned);

        surface.Learn(measured);

        Assert.Equal(once, surface.Of(Pruned), 1e-12);
        Assert.Equal((0.5 + 0.9) / 2 * Baseline, once, 0.01 * Baseline);
    }
}
