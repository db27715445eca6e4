using System.Collections.Immutable;
using Kneepoint.Search;
using Kneepoint.Search.Models;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.Tests.Studies.Modeled;

/// <summary>Models of search spaces made for tests.</summary>
static class SpaceModels
{
    static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A few groups with a few choices, the network as it is or pruned, three costs.</summary>
    public static SpaceModel Of(int groups, int seed)
    {
        var random = new Random(seed);
        double[] baseline = [1000 * groups, 1 + groups, 5000 * groups];
        ModeledChoice Choice(string method) => new(method, None, method.Length == 0 ? 0 : Math.Round(Math.Exp(-6 * random.NextDouble()), 4),
            [.. baseline.Select(cost => method.Length == 0 ? 0 : -Math.Round(cost / groups * random.NextDouble(), 3))]);
        return new SpaceModel(["fileBytes", "latency", "bitOps"],
            [.. Enumerable.Range(0, groups).Select(group => new ModeledGroup([$"layer{group}"], [Choice(""), .. Enumerable.Range(1, random.Next(1, 4)).Select(i => Choice($"method-{i}"))]))],
            [
                new ModeledForm(Recipe.Baseline.CanonicalJson, 0, [.. baseline], [.. Enumerable.Repeat(1d, groups)]),
                new ModeledForm(new Recipe([new Step("prune-channels", ["*"], None)]).CanonicalJson, 0.05, [.. baseline.Select(cost => cost * 0.8)], [.. Enumerable.Repeat(0.75, groups)]),
            ],
            new LossCurve(1, 0.9, 0.8), 10);
    }

    /// <summary>The loss and the costs of every recipe.</summary>
    public static IEnumerable<(double Loss, double[] Costs)> All(SpaceModel model)
    {
        foreach (var form in model.Forms)
        {
            int[] choice = new int[model.Groups.Length];
            while (true)
            {
                double divergence = form.Divergence;
                double[] costs = [.. form.Costs];
                for (int g = 0; g < choice.Length; g++)
                {
                    divergence += model.Groups[g].Choices[choice[g]].Divergence;
                    for (int k = 0; k < costs.Length; k++) costs[k] += model.Groups[g].Choices[choice[g]].Added[k] * form.Shares[g];
                }

                yield return (model.Curve.Of(divergence), costs);
                int place = 0;
                while (place < choice.Length && ++choice[place] == model.Groups[place].Choices.Length) choice[place++] = 0;
                if (place == choice.Length) break;
            }
        }
    }
}
