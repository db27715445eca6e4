using Kneepoint.Search.Space;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Search.Planning;

/// <summary>Places of a search space that may be worth a trial, each once.</summary>
/// <remarks>
/// For any prices of the costs the best choice of each group is its own: the sum of its loss and its priced costs is least (Lagrange). Sweeping the prices gives every supported point of the additive model; doing so with losses that are drawn
/// anew, each within a factor of its doubt, gives places that are best if the model errs (Thompson sampling). Neighbors of good places differ in one gene.
/// </remarks>
sealed class CandidatePool
{
    const int Prices = 40;
    const double Doubt = 0.5;
    const double CheapestPrice = 1e-5, DearestPrice = 1e5;
    readonly SearchSpace _space;
    readonly Xoshiro256 _random;
    readonly HashSet<Genome> _seen = [];

    /// <summary>Starts empty.</summary>
    public CandidatePool(SearchSpace space, long seed) => (_space, _random) = (space, new Xoshiro256(seed));

    /// <summary>Everything that was put in, in that order.</summary>
    public List<Genome> All { get; } = [];

    /// <summary>Puts a place in, in the one way to write it, unless it is there.</summary>
    public bool Add(Genome genome)
    {
        if (genome.IsFitted && !_space.IsFittable(genome)) genome = genome.With(1, 0);
        if (!_seen.Add(genome)) return false;
        All.Add(genome);
        return true;
    }

    /// <summary>Puts in the best assignments over a sweep of prices.</summary>
    /// <param name="form">The form of the network.</param>
    /// <param name="isFitted">Whether layers are fitted in succession.</param>
    /// <param name="added">For each cost, group and choice what it adds, as a share of the baseline's figure.</param>
    /// <param name="mix">The weight of each cost.</param>
    /// <param name="isDrawn">Whether losses are drawn anew, or taken as they are.</param>
    public void Sweep(int form, bool isFitted, Func<int, int, int, double> added, ReadOnlySpan<double> mix, bool isDrawn)
    {
        var groups = _space.Table.Groups;
        double[][] losses = new double[groups.Length][], sizes = new double[groups.Length][];
        for (int group = 0; group < groups.Length; group++)
        {
            var choices = groups[group].Choices;
            (losses[group], sizes[group]) = (new double[choices.Length], new double[choices.Length]);
            for (int choice = 0; choice < choices.Length; choice++)
            {
                losses[group][choice] = choices[choice].Loss * (isDrawn ? Math.Exp(Doubt * Normal()) : 1);
                for (int k = 0; k < mix.Length; k++) sizes[group][choice] += mix[k] * added(k, group, choice) * _space.Forms[form].Shares[group];
            }
        }

        int[] assignment = new int[groups.Length];
        for (int step = 0; step < Prices; step++)
        {
            double price = CheapestPrice * Math.Pow(DearestPrice / CheapestPrice, step / (Prices - 1d));
            for (int group = 0; group < groups.Length; group++) assignment[group] = Best(losses[group], sizes[group], price);
            Add(new Genome(form, isFitted, assignment));
        }
    }

    /// <summary>Puts in all places that differ from one in one gene.</summary>
    public void Neighbors(Genome genome)
    {
        for (int gene = 0; gene < _space.GeneSizes.Length; gene++)
        {
            foreach (int value in _space.Values[gene]) Add(genome.With(gene, value));
        }
    }

    /// <summary>Puts in places that take each gene from one of two.</summary>
    public void Mixtures(Genome one, Genome other, int count)
    {
        for (int i = 0; i < count; i++) Add(new Genome([.. one.Genes.Zip(other.Genes, (a, b) => _random.Below(2) == 0 ? a : b)]));
    }

    static int Best(double[] losses, double[] sizes, double price)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int choice = 0; choice < losses.Length; choice++)
        {
            double total = losses[choice] + price * sizes[choice];
            if (total < least) (best, least) = (choice, total);
        }

        return best;
    }

    double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
