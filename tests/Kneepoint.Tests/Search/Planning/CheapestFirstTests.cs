using CsCheck;
using Kneepoint.Search;
using Kneepoint.Search.Models;
using Kneepoint.Search.Planning;
using Kneepoint.Search.Space;

namespace Kneepoint.Tests.Search.Planning;

public sealed class CheapestFirstTests
{
    static readonly double[] Baselines = [1000, 10];

    [Fact]
    public void What_costs_no_more_in_everything_is_never_tried_after_what_it_may_rival() => Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9]).Array[1, 8].Sample(costs =>
    {
        var sorted = Sort(costs);
        for (int i = 0; i < sorted.Length; i++)
        {
            for (int j = i + 1; j < sorted.Length; j++) Assert.False(sorted[j].Bytes <= sorted[i].Bytes && sorted[j].Macs <= sorted[i].Macs && sorted[j] != sorted[i]);
        }
    });

    [Fact]
    public void A_plan_keeps_its_recipes_and_equals_keep_their_order() =>
        Assert.Equal([1, 3, 0, 2], CheapestFirst.Of(Plan((5, 5), (1, 1), (5, 5), (1, 1)), Baselines).Select(planned => planned.Genome.ChoiceOf(0)));

    [Fact]
    public void Uniform_recipes_come_by_the_bytes_that_the_table_states()
    {
        var table = ChoiceTable.Of(["a", "b"],
        [
            new LayerChoice("a", LayerMethod.Keep, 400, 0, 0), new LayerChoice("b", LayerMethod.Keep, 400, 0, 0),
            new LayerChoice("a", new LayerMethod("int8"), 100, 0, 0), new LayerChoice("b", new LayerMethod("int8"), 100, 0, 0),
            new LayerChoice("a", new LayerMethod("int4"), 50, 0, 0), new LayerChoice("b", new LayerMethod("int4"), 50, 0, 0),
            new LayerChoice("a", new LayerMethod("half"), 60, 0, 0),
        ]);

        var sorted = CheapestFirst.Of(table.Methods.Select(method => table.Uniform(method)!.Value), table);

        Assert.Equal(["int4", "int8", "half"], sorted.Select(assignment => table.Compose(assignment).Steps[0].Method));
    }

    static (int Bytes, int Macs)[] Sort((int Bytes, int Macs)[] costs) =>
        [.. CheapestFirst.Of(Plan(costs), Baselines).Select(planned => costs[planned.Genome.ChoiceOf(0)])];

    static IEnumerable<PlannedRecipe> Plan(params (int Bytes, int Macs)[] costs) =>
        costs.Select((cost, i) => new PlannedRecipe(new Genome(0, false, [i]), Recipe.Baseline, new Prediction(0, 0), [cost.Bytes, cost.Macs], 1));
}
