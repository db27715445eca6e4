using System.Collections.Immutable;
using CsCheck;
using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class ChoiceTableTests
{
    [Fact]
    public void Every_assignment_reads_back_from_its_recipe() =>
        Tables.Small.Sample(table =>
        {
            foreach (int[] assignment in Tables.All(table))
            {
                var again = table.AssignmentOf(table.Compose(assignment));
                Assert.Equal(assignment, again!.Value);
            }
        }, iter: 30);

    [Fact]
    public void Steps_are_in_order_and_cover_all_layers_with_a_star()
    {
        var table = Table(("a", 10), ("b", 20), ("c", 30));

        var mixed = table.Compose([1, 2, 1]);
        var uniform = table.Compose([1, 1, 1]);

        Assert.Equal("""{"steps":[{"method":"static-int8","layers":["a","c"]},{"method":"weight-int4","layers":["b"]}]}""", mixed.CanonicalJson);
        Assert.Equal("""{"steps":[{"method":"static-int8","layers":["*"]}]}""", uniform.CanonicalJson);
        Assert.Equal(Recipe.Baseline.Id, table.Compose([0, 0, 0]).Id);
        Assert.Equal(uniform.Id, table.Compose(table.Uniform(Tables.Int8)!.Value).Id);
    }

    [Fact]
    public void A_table_of_some_layers_names_them_even_where_all_are_treated()
    {
        LayerChoice[] choices = [new("a", LayerMethod.Keep, 8, 8, 0), new("a", Tables.Int8, 2, 4, 0.5), new("b", LayerMethod.Keep, 8, 8, 0)];
        var sensitivities = new SensitivityTable();
        sensitivities.Set("a", Tables.Int8, new Sensitivity(0.25, 0, 10));

        foreach (var table in (ChoiceTable[])[ChoiceTable.Of(["a", "b"], choices, isWhole: false), ChoiceTable.Of(["a", "b"], choices, isWhole: false).With(sensitivities).Without([])])
        {
            var recipe = table.Compose([1, 0]);
            Assert.Equal("""{"steps":[{"method":"static-int8","layers":["a"]}]}""", recipe.CanonicalJson);
            Assert.Equal([1, 0], table.AssignmentOf(recipe)!.Value);
            Assert.Null(table.AssignmentOf(Recipe_("static-int8", "*")));
        }
    }

    [Fact]
    public void Layers_that_share_a_weight_get_one_choice()
    {
        var table = ChoiceTable.Of(["a", "b", "c", "d"],
            [
                .. from layer in new[] { "a", "b", "c", "d" } select new LayerChoice(layer, LayerMethod.Keep, 8, 8, 0),
                .. from layer in new[] { "a", "b", "c" } select new LayerChoice(layer, Tables.Int8, 2, 4, 0.5),
                new LayerChoice("b", Tables.Int4, 1, 8, 1),
            ],
            [["c", "a"], ["b", "c"]]);

        Assert.Equal(["a", "d"], table.Groups.Select(group => group.Id));
        Assert.Equal(["a", "b", "c"], table.Groups[0].Layers);
        Assert.Equal([LayerMethod.Keep, Tables.Int8], table.Groups[0].Choices.Select(choice => choice.Method));
        Assert.Equal(new GroupChoice(Tables.Int8, 6, 12, 1.5), table.Groups[0].Choices[1]);
        Assert.Equal("""{"steps":[{"method":"static-int8","layers":["*"]}]}""", table.Compose([1, 0]).CanonicalJson);
    }

    [Fact]
    public void Foreign_recipes_have_no_assignment()
    {
        var table = Table(("a", 10), ("b", 20));

        Assert.Null(table.AssignmentOf(Recipe_("compact", "*")));
        Assert.Null(table.AssignmentOf(Recipe_("static-int8", "z")));
        Assert.Null(table.AssignmentOf(Recipe_("static-int8", "a", "b")));
        var chosen = table.Groups.Zip(table.AssignmentOf(Recipe_("static-int8", "a"))!.Value, (group, choice) => group.Choices[choice]).ToList();
        Assert.Equal((20 + 10 / 4, 20 + 10 / 4, 1), (chosen.Sum(choice => choice.FileBytes), chosen.Sum(choice => choice.Cost), chosen.Sum(choice => choice.Loss)));
    }

    [Fact]
    public void Measured_losses_replace_expected_ones()
    {
        var sensitivities = new SensitivityTable();
        sensitivities.Set("a", Tables.Int8, new Sensitivity(0.25, 0.01, 10));
        sensitivities.Set("b", Tables.Int8, new Sensitivity(-0.1, 0.2, 10));
        sensitivities.Set("b", Tables.Int4, new Sensitivity(double.PositiveInfinity, 0, 10));

        var table = Table(("a", 10), ("b", 20)).With(sensitivities);

        Assert.Equal([0, 0.25, 2], table.Groups[0].Choices.Select(choice => choice.Loss));
        Assert.Equal([0, 0, double.PositiveInfinity], table.Groups[1].Choices.Select(choice => choice.Loss));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        var keep = new LayerChoice("a", LayerMethod.Keep, 1, 1, 0);

        Assert.Contains("listed twice", Assert.Throws<ArgumentException>(() => ChoiceTable.Of(["a", "a"], [])).Message, StringComparison.Ordinal);
        Assert.Contains("not listed", Assert.Throws<ArgumentException>(() => ChoiceTable.Of([], [keep])).Message, StringComparison.Ordinal);
        Assert.Contains("'keep' twice", Assert.Throws<ArgumentException>(() => ChoiceTable.Of(["a"], [keep, keep])).Message, StringComparison.Ordinal);
        Assert.Contains("not even", Assert.Throws<ArgumentException>(() => ChoiceTable.Of(["a"], [])).Message, StringComparison.Ordinal);
        Assert.Contains("cost NaN", Assert.Throws<ArgumentException>(() => ChoiceTable.Of(["a"], [keep with { Cost = double.NaN }])).Message, StringComparison.Ordinal);
        Assert.Contains("has 3 entries", Assert.Throws<ArgumentException>(() => Table(("a", 10)).Compose([0, 0, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("picks number 9", Assert.Throws<ArgumentException>(() => Table(("a", 10)).Compose([9])).Message, StringComparison.Ordinal);
    }

    static Recipe Recipe_(string method, params string[] layers) =>
        new([new Step(method, [.. layers], ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal))]);

    static ChoiceTable Table(params (string Name, int Bytes)[] layers) => ChoiceTable.Of([.. layers.Select(layer => layer.Name)],
        layers.SelectMany(layer => new[]
        {
            new LayerChoice(layer.Name, LayerMethod.Keep, layer.Bytes, layer.Bytes, 0),
            new LayerChoice(layer.Name, Tables.Int8, layer.Bytes / 4, layer.Bytes / 4, 1),
            new LayerChoice(layer.Name, Tables.Int4, layer.Bytes / 8, layer.Bytes, 2),
        }));
}
