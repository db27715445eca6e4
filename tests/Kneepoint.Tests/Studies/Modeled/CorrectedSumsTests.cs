using Kneepoint.Search.Space;
using Kneepoint.Studies.Modeled;
using Kneepoint.Tests.Search.Space;

namespace Kneepoint.Tests.Studies.Modeled;

public sealed class CorrectedSumsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void The_least_of_every_form_costs_what_the_corrected_model_expects(double moreAtLeast)
    {
        var network = new SyntheticNetwork(6, 3);
        var cost = new SumsOfBytes(network, moreAtLeast * network.BaselineBytes);
        var sums = new CorrectedSums(network.Space, cost);
        int[] least = [.. network.Added.Select(choices => choices.IndexOf(choices.Min()))];

        for (int form = 0; form < network.Space.Forms.Length; form++)
        {
            double sum = sums.OfForm(form) + least.Select((choice, group) => sums.Added(group, choice) * network.Space.Forms[form].Shares[group]).Sum();
            Assert.Equal(cost.Of(new Genome(form, false, least)), sum, 1e-6 * network.BaselineBytes);
        }

        Assert.Equal(network.BaselineBytes, sums.OfForm(0), 1e-6);
    }
}
