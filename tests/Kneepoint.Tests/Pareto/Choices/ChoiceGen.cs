using CsCheck;
using Kneepoint.Pareto.Choices;

namespace Kneepoint.Tests.Pareto.Choices;

/// <summary>Random problems, and their solution by going through everything.</summary>
static class ChoiceGen
{
    // Small whole costs and quarters of losses, so that sums are exact and many are equal; some limits are 0 and some too small.
    public static Gen<(ChoiceOption[][] Groups, double[] Budgets)> Problems(int budgets) =>
        Gen.Select(Gen.Int[0, 40].Array[budgets], Gen.Int[-10, 40]).Select((costs, loss) => new ChoiceOption(loss / 4.0, [.. costs.Select(cost => (double)cost)]))
            .Array[1, 5].Array[1, 6].SelectMany(groups => Gen.Frequency((1, Gen.Const(0)), (20, Gen.Int[0, 40 * groups.Length])).Array[budgets]
                .Select(limits => (groups, limits.Select(limit => (double)limit).ToArray())));

    // What an option saves in costs it loses, up to a tenth. Costs are whole, so that their sums are exact in any order.
    public static Gen<(ChoiceOption[][] Groups, double[] Budgets)> Correlated(int budgets) =>
        Gen.Select(Gen.Int[0, 1_000_000].Array[budgets], Gen.Double[-0.05, 0.05])
            .Select((costs, noise) => new ChoiceOption(1 - costs.Average() / 1e6 + noise, [.. costs.Select(cost => (double)cost)]))
            .Array[1, 5].Array[1, 6].SelectMany(groups => Gen.Double[0, 1].Array[budgets].Select(shares =>
                (groups, shares.Select((share, j) => Math.Floor(share * groups.Sum(options => options.Max(option => option.Costs[j])))).ToArray())));

    public static double LeastLoss(ChoiceOption[][] groups, double[] budgets) => Least(groups, budgets, sum => sum.Loss);

    public static double Least(ChoiceOption[][] groups, double[] budgets, Func<ChoiceOption, double> figure) =>
        Sums(groups).Where(sum => sum.Costs.Zip(budgets).All(pair => pair.First <= pair.Second)).Select(figure).DefaultIfEmpty(double.PositiveInfinity).Min();

    /// <summary>Loss and costs of every choice.</summary>
    public static IEnumerable<ChoiceOption> Sums(ChoiceOption[][] groups)
    {
        IEnumerable<ChoiceOption> sums = [new(0, new double[groups[0][0].Costs.Length])];
        foreach (var options in groups)
        {
            sums = [.. sums.SelectMany(sum => options.Select(option => new ChoiceOption(sum.Loss + option.Loss, [.. sum.Costs.Zip(option.Costs, (a, b) => a + b)])))];
        }

        return sums;
    }
}
