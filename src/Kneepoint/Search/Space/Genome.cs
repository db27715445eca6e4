using System.Collections.Immutable;

namespace Kneepoint.Search.Space;

/// <summary>A place in a search space: which form the network takes, whether layers are fitted in succession, and for each group of layers which choice.</summary>
/// <param name="Genes">The form, 0 or 1 for the succession, then the choice of each group.</param>
public readonly record struct Genome(ImmutableArray<int> Genes)
{
    /// <summary>Genes before those of the groups.</summary>
    public const int NetworkGenes = 2;

    /// <summary>Puts one together.</summary>
    public Genome(int form, bool isFitted, IEnumerable<int> assignment) : this([form, isFitted ? 1 : 0, .. assignment])
    {
    }

    /// <summary>The form's index.</summary>
    public int Form => Genes[0];

    /// <summary>Whether layers are fitted to what the rounded layers before feed them.</summary>
    public bool IsFitted => Genes[1] != 0;

    /// <summary>The choice of each group.</summary>
    public ImmutableArray<int> Assignment => Genes[NetworkGenes..];

    /// <summary>The choice of a group.</summary>
    public int ChoiceOf(int group) => Genes[NetworkGenes + group];

    /// <summary>The same place but for one gene.</summary>
    public Genome With(int gene, int value) => new(Genes.SetItem(gene, value));

    /// <inheritdoc/>
    public bool Equals(Genome other) => Genes.AsSpan().SequenceEqual(other.Genes.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (int gene in Genes) hash.Add(gene);
        return hash.ToHashCode();
    }
}
