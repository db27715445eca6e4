using Kneepoint.Search.Models;
using Kneepoint.Search.Space;

namespace Kneepoint.Tests.Search.Space;

/// <summary>A cost that is a sum over the groups, and so much more where it is least.</summary>
sealed class SumsOfBytes(SyntheticNetwork network, double moreAtLeast = 0) : ICostModel
{
    public string Name => "fileBytes";

    public double Baseline => network.BaselineBytes;

    public double Added(int group, int choice) => network.Added[group][choice];

    public double AddedWithShare(int group, int choice) => Added(group, choice);

    public double OfForm(NetworkForm form) => network.Space.Table.Groups.Select((group, g) => group.Choices[0].FileBytes * form.Shares[g]).Sum();

    public void Learn(IEnumerable<(Genome Genome, double Figure)> measured)
    {
    }

    public double Of(Genome genome)
    {
        var groups = network.Space.Table.Groups;
        bool isLeast = groups.Select((group, g) => network.Added[g][genome.ChoiceOf(g)] == network.Added[g].Min()).All(least => least);
        return OfForm(network.Space.Forms[genome.Form]) + groups.Select((_, g) => Added(g, genome.ChoiceOf(g)) * network.Space.Forms[genome.Form].Shares[g]).Sum() + (isLeast ? moreAtLeast : 0);
    }

    public double[] CrossValidated() => [];
}
