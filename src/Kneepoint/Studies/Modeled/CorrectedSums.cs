using Kneepoint.Search.Models;
using Kneepoint.Search.Space;

namespace Kneepoint.Studies.Modeled;

/// <summary>A cost as sums over the groups of layers that agree with its model where sums err most: at the least that each form of the network can cost.</summary>
/// <remarks>What choices add alone comes to less than what they add together, for what they share. Savings are scaled so that the smallest recipe of the network as it is costs what the corrected model expects; the base of each other form is moved likewise.</remarks>
/// <param name="space">The space.</param>
/// <param name="cost">The model, with what it has learned.</param>
sealed class CorrectedSums(SearchSpace space, ICostModel cost)
{
    // A correction beyond these is none.
    const double LeastScale = 0.5, MostScale = 1.2;
    readonly double _scale = ScaleOf(space, cost);

    /// <summary>What a choice of a group adds.</summary>
    public double Added(int group, int choice) => _scale * cost.AddedWithShare(group, choice);

    /// <summary>The cost of a form with no layer treated, as far as its smallest recipe tells.</summary>
    /// <param name="form">The form's place in the space.</param>
    public double OfForm(int form)
    {
        double plain = cost.OfForm(space.Forms[form]);
        if (form == 0) return plain;
        var choices = Least(space, cost);
        double least = cost.Of(new Genome(form, false, choices)), saved = choices.Select((choice, group) => Added(group, choice) * space.Forms[form].Shares[group]).Sum();
        return double.IsFinite(least) && least - saved > 0 ? least - saved : plain;
    }

    static double ScaleOf(SearchSpace space, ICostModel cost)
    {
        int[] choices = Least(space, cost);
        double saved = choices.Select((choice, group) => cost.AddedWithShare(group, choice)).Sum(), scale = (cost.Of(new Genome(0, false, choices)) - cost.OfForm(space.Forms[0])) / saved;
        return saved < 0 && scale is >= LeastScale and <= MostScale ? scale : 1;
    }

    // Of the choices that can be made.
    static int[] Least(SearchSpace space, ICostModel cost) => [.. space.Table.Groups.Select((group, g) => Enumerable.Range(0, group.Choices.Length).Where(choice => double.IsFinite(group.Choices[choice].Loss)).DefaultIfEmpty(0).MinBy(choice => cost.AddedWithShare(g, choice)))];
}
