using System.Collections.Immutable;
using Kneepoint.Pareto;
using Kneepoint.Search.Models;
using Kneepoint.Search.Planning;
using Kneepoint.Search.Space;

namespace Kneepoint.Tests.Search.Space;

/// <summary>A network whose figures are a formula: what searches are tested on.</summary>
/// <remarks>Divergences of parts add up but for an interaction of neighbors and a factor that depends on the place alone, so that models have something to learn; the loss is a curve of it with noise.</remarks>
sealed class SyntheticNetwork(int layers, int seed)
{
    public SearchSpace Space { get; } = Spaces.Of(layers, seed);

    public double BaselineBytes => Space.Table.Groups.Sum(group => group.Choices[0].FileBytes);

    public ImmutableArray<ImmutableArray<double>> Added => [.. Space.Table.Groups.Select(group => group.Choices.Select(choice => choice.FileBytes - group.Choices[0].FileBytes).ToImmutableArray())];

    public AddedCosts Costs => new(Added, [.. Space.Table.Methods.Select(_ => 0d)]);

    public ProbedPlace Probe(Genome genome) => new(Divergence(genome), [Bytes(genome)]);

    public (double Loss, double Bytes) Measure(Genome genome)
    {
        double noise = 0.002 * Math.Sin(Hash(genome) % 1000);
        return (1 - Math.Exp(-Math.Pow(Divergence(genome) / 1.5, 0.8)) + (genome.Genes.Any(gene => gene != 0) ? noise : 0), Bytes(genome));
    }

    public double VolumeOf(IEnumerable<double[]> figures) => Hypervolume.Of([.. figures.SelectMany(point => point)], [1, 1.1 * BaselineBytes]);

    double Bytes(Genome genome)
    {
        double sum = 0;
        for (int group = 0; group < layers; group++) sum += Space.Table.Groups[group].Choices[genome.ChoiceOf(group)].FileBytes * Space.Forms[genome.Form].Shares[group];
        return sum;
    }

    double Divergence(Genome genome)
    {
        double sum = Space.Forms[genome.Form].Loss, before = 0;
        for (int group = 0; group < layers; group++)
        {
            double loss = Space.Table.Groups[group].Choices[genome.ChoiceOf(group)].Loss * (genome.IsFitted && genome.ChoiceOf(group) == 3 ? 0.5 : 1);
            sum += loss + 0.5 * Math.Sqrt(loss * before);
            before = loss;
        }

        return sum * Math.Exp(0.15 * Math.Cos(Hash(genome) % 1000));
    }

    // The same in every process, unlike a hash code.
    static int Hash(Genome genome) => genome.Genes.Aggregate(17, (hash, gene) => (hash * 31 + gene) & 0xFFFFFF);
}
