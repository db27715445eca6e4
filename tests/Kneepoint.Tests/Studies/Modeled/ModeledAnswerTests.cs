using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.Tests.Studies.Modeled;

public sealed class ModeledAnswerTests
{
    static readonly string[] Options = ["--max-file-bytes", "--max-latency", "--max-resident-bytes"];

    // Limits between the least and the greatest sum of each cost; those beyond the number of budgets are infinite.
    static double[] Limits(SpaceModel model, int budgets, Random random, double most = 1)
    {
        var all = SpaceModels.All(model).ToArray();
        return [.. Enumerable.Range(0, 3).Select(k => k < budgets ? all.Min(point => point.Costs[k]) + most * random.NextDouble() * (all.Max(point => point.Costs[k]) - all.Min(point => point.Costs[k])) : double.PositiveInfinity)];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_best_recipe_of_the_model_is_that_of_brute_force_and_its_bound_holds(int budgets)
    {
        int feasible = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            var model = SpaceModels.Of(1 + seed % 5, seed);
            double[] limits = Limits(model, budgets, new Random(seed));
            double best = SpaceModels.All(model).Where(point => point.Costs.Zip(limits).All(pair => pair.First <= pair.Second + 1e-9)).Select(point => point.Loss).DefaultIfEmpty(double.PositiveInfinity).Min();

            var found = ModeledOptimum.Of(model, limits);

            if (double.IsPositiveInfinity(best))
            {
                Assert.Null(found);
                continue;
            }

            feasible++;
            Assert.NotNull(found);
            Assert.True(found.IsProved);
            Assert.Equal(best, found.Loss, 1e-9);
            Assert.True(found.LossBound <= best + 1e-12);
            Assert.True(found.Costs.Zip(limits).All(pair => pair.First <= pair.Second + 1e-6));
            Assert.NotNull(ModeledPlace.Of(model, found.Recipe));
        }

        Assert.True(feasible > 50);
    }

    [Fact]
    public void The_bound_of_one_sweep_holds_for_every_limit_and_is_reached_at_its_corners()
    {
        int reached = 0, limits = 0;
        for (int seed = 0; seed < 30; seed++)
        {
            var model = SpaceModels.Of(4, seed);
            var hull = new ModeledHull(model, 0);
            var all = SpaceModels.All(model).ToList();
            foreach (double limit in all.Select(recipe => recipe.Costs[0]).Distinct())
            {
                double best = all.Where(recipe => recipe.Costs[0] <= limit).Min(recipe => recipe.Loss), bound = hull.LossBound(limit * (1 + 1e-12));
                Assert.InRange(bound, 0, best * (1 + 1e-9) + 1e-12);
                limits++;
                if (best <= bound * (1 + 1e-6) + 1e-9) reached++;
            }

            Assert.Equal(double.PositiveInfinity, hull.LossBound(all.Min(recipe => recipe.Costs[0]) * 0.999));
        }

        Assert.InRange(reached, 30 * 3, limits);
    }

    [Fact]
    public void A_price_never_promises_more_than_the_bound_allows()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var model = SpaceModels.Of(5, seed);
            double[] limits = Limits(model, 1, new Random(seed));
            if (ModeledOptimum.Of(model, limits) is not { } here || here.Prices[0] == 0) continue;

            Assert.True(here.Prices[0] > 0);
            double more = limits[0] * 1.5;
            var there = ModeledOptimum.Of(model, [more, limits[1], limits[2]])!;
            Assert.True(there.Loss <= here.Loss + 1e-12);
        }
    }

    [Fact]
    public void Bug_what_more_of_a_cost_buys_was_more_than_there_is_to_gain()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var model = SpaceModels.Of(4, seed);
            var all = SpaceModels.All(model).ToList();
            double[] more = [.. model.Forms[0].Costs.Select(cost => cost / 20)];
            foreach (var (_, costs) in all.Where((_, i) => i % 7 == 0))
            {
                var saved = ModeledAnswer.SavedBy(model, costs, double.PositiveInfinity, more);
                for (int k = 0; k < costs.Length; k++)
                {
                    double Best(double limit) => all.Where(recipe => recipe.Costs[k] <= limit * (1 + 1e-12)).Min(recipe => recipe.Loss);
                    Assert.Equal(Best(costs[k]) - Best(costs[k] + more[k]), saved[k], 1e-9);
                }
            }
        }
    }

    [Fact]
    public void Twenty_infeasible_queries_name_budgets_whose_smallest_relaxation_is_that_of_brute_force()
    {
        int queries = 0;
        for (int seed = 0; queries < 20; seed++)
        {
            var model = SpaceModels.Of(4, seed);
            var all = SpaceModels.All(model).ToArray();
            double[] limits = Limits(model, 2, new Random(seed), 0.3);
            double lossLimit = 0.02;
            bool Meets((double Loss, double[] Costs) point, int but) => (but == 2 || point.Loss <= lossLimit) && Enumerable.Range(0, 2).All(k => k == but || point.Costs[k] <= limits[k]);
            if (all.Any(point => Meets(point, -1))) continue;
            queries++;

            var answer = ModeledAnswer.Of(model, [Budget.Of(Options[0], limits[0], true), Budget.Of(Options[1], limits[1], true)], lossLimit);

            Assert.False(answer.IsFeasible);
            for (int k = 0; k < 3; k++)
            {
                double least = all.Where(point => Meets(point, k)).Select(point => k == 2 ? point.Loss : point.Costs[k]).DefaultIfEmpty(double.NaN).Min();
                var relief = answer.Reliefs.FirstOrDefault(relief => relief.Cost == (k == 2 ? null : model.Costs[k]));
                if (double.IsNaN(least)) Assert.Null(relief);
                else Assert.Equal(least, relief!.Limit, 1e-5 * Math.Abs(least) + 1e-9);
            }

            Assert.Equal(answer.Reliefs.OrderBy(relief => relief.Relative), answer.Reliefs);
        }
    }

    [Fact]
    public void The_least_cost_under_a_loss_is_that_of_brute_force()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var model = SpaceModels.Of(4, seed);
            double least = SpaceModels.All(model).Where(point => point.Loss <= 0.1).Min(point => point.Costs[0]);

            Assert.Equal(least, ModeledAnswer.Least(model, "fileBytes", [], 0.1)!.Limit, 1e-5 * least);
        }
    }

    [Fact]
    public void A_model_comes_back_from_its_bytes()
    {
        var model = SpaceModels.Of(3, 1) with { Predictions = [new ModeledPrediction("abc", 0.1, 0.2)], Checks = [new CostCheck("fileBytes", 3, 0.1, 0.2)] };

        Assert.Equal(model.ToBytes(), SpaceModel.Parse(model.ToBytes())!.ToBytes());
        Assert.Null(SpaceModel.Parse(null));
        Assert.Throws<StudyStoreException>(() => SpaceModel.Parse("{}"u8.ToArray()));
        Assert.Throws<StudyStoreException>(() => SpaceModel.Parse((model with { Forms = model.Forms.SetItem(1, model.Forms[1] with { Recipe = "no recipe" }) }).ToBytes()));
        Assert.Throws<StudyStoreException>(() => SpaceModel.Parse((model with { Groups = model.Groups.Add(model.Groups[0]) }).ToBytes()));
    }

    [Fact]
    public void An_explanation_names_what_each_layer_saves_and_costs_and_the_alternative_that_is_least_dear()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var model = SpaceModels.Of(4, seed);
            var recipe = ModeledOptimum.Of(model, Limits(model, 1, new Random(seed)))?.Recipe ?? Recipe.Baseline;
            var explanation = Explanation.Of(model, recipe)!;

            Assert.Equal(4, explanation.Groups.Length);
            for (int g = 0; g < 4; g++)
            {
                var group = explanation.Groups[g];
                var form = ModeledPlace.Of(model, recipe)!.Form;
                var chosen = model.Groups[g].Choices.Single(choice => choice.Text == group.Method);
                Assert.Equal(-chosen.Added[0] * form.Shares[g], group.Saved[0], 1e-9);
                Assert.True(group.Loss >= 0);
                Assert.NotEqual(group.Method, group.Next!.Method);
                Assert.All(model.Groups[g].Choices.Where(choice => choice.Text != group.Method), other =>
                    Assert.True(Dear(model, explanation, chosen, other, form.Shares[g]) >= group.Next.Loss + explanation.Price * group.Next.Costs[0] - 1e-9));
            }
        }
    }

    [Fact]
    public void Bug_an_explanation_was_no_number_where_a_choice_cannot_pay()
    {
        var model = SpaceModels.Of(2, 1);
        model = model with { Groups = [model.Groups[0] with { Choices = model.Groups[0].Choices.SetItem(1, model.Groups[0].Choices[1] with { Divergence = double.PositiveInfinity }) }, model.Groups[1]] };
        var recipe = ModeledPlace.TableOf(model).Compose([1, 1]);

        var explanation = Explanation.Of(model, recipe)!;

        Assert.Equal(model.Curve.Top, explanation.Loss);
        Assert.Equal(model.Curve.Top - model.Curve.Of(model.Groups[1].Choices[1].Divergence), explanation.Groups[0].Loss, 1e-12);
        Assert.Equal(0, explanation.Groups[1].Loss);
        Assert.Equal(0, explanation.FormLoss);
        Assert.All(explanation.Groups, group => Assert.True(double.IsFinite(group.Next!.Loss)));
    }

    [Fact]
    public void Bug_a_recipe_had_no_place_in_the_model_where_another_layer_lies_between_two_that_share_a_weight()
    {
        var three = SpaceModels.Of(3, 1);
        var model = three with
        {
            Layers = ["first", "between", "again", "last"],
            Groups = [three.Groups[0] with { Layers = ["first", "again"] }, three.Groups[1] with { Layers = ["between"] }, three.Groups[2] with { Layers = ["last"] }],
        };
        var recipe = new Recipe([new Step("method-1", ["first", "between", "again"], System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty)]);

        Assert.Equal([1, 1, 0], ModeledPlace.Of(model, recipe)!.Choices);
        Assert.Equal([1, 1, 0], ModeledPlace.Of(SpaceModel.Parse(model.ToBytes())!, recipe)!.Choices);
        Assert.Equal(recipe, ModeledPlace.TableOf(model).Compose([1, 1, 0]));
    }

    [Theory]
    [InlineData("\"groups\":[", "\"groups\":[null,")]
    [InlineData("\"layers\":[\"layer0\"]", "\"layers\":[null]")]
    [InlineData("\"layers\":[\"layer0\"]", "\"layers\":[\"layer1\"]")]
    [InlineData("\"choices\":[", "\"choices\":[null,")]
    [InlineData("\"method\":\"method-1\"", "\"method\":\"\"")]
    [InlineData("\"options\":{}", "\"options\":{\"bits\":null}")]
    [InlineData("\"forms\":[", "\"forms\":[null,")]
    [InlineData("\"shares\":[1", "\"shares\":[\"NaN\"")]
    [InlineData("\"shares\":[1", "\"shares\":[-1")]
    [InlineData("\"scale\":0.9", "\"scale\":0")]
    [InlineData("\"power\":0.8", "\"power\":\"NaN\"")]
    [InlineData("\"top\":1", "\"top\":-1")]
    [InlineData("\"costs\":[\"fileBytes\"", "\"costs\":[\"candles\"")]
    [InlineData("\"costs\":[\"fileBytes\"", "\"costs\":[\"latency\"")]
    [InlineData("\"costs\":[\"fileBytes\"", "\"costs\":[null")]
    [InlineData("\"costs\":[2000", "\"costs\":[\"Infinity\"")]
    [InlineData("\"divergence\":0,", "\"divergence\":\"Infinity\",")]
    [InlineData("\"checks\":[]", "\"checks\":[null]")]
    [InlineData("\"pruned\":[]", "\"pruned\":[null]")]
    [InlineData("\"predictions\":[]", "\"predictions\":[null]")]
    public void Bug_a_damaged_model_was_taken_for_whole(string found, string damaged)
    {
        string whole = System.Text.Encoding.UTF8.GetString(SpaceModels.Of(2, 1).ToBytes());
        Assert.Contains(found, whole);

        var exception = Assert.Throws<StudyStoreException>(() => SpaceModel.Parse(System.Text.Encoding.UTF8.GetBytes(whole.Replace(found, damaged, StringComparison.Ordinal))));

        Assert.Contains("damaged", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_a_model_without_the_lists_that_may_be_empty_had_none_instead_of_empty_ones()
    {
        string whole = System.Text.Encoding.UTF8.GetString(SpaceModels.Of(2, 1).ToBytes());
        string less = whole[..whole.IndexOf(",\"measured\"", StringComparison.Ordinal)] + ",\"measured\":10}";

        var model = SpaceModel.Parse(System.Text.Encoding.UTF8.GetBytes(less))!;

        Assert.Empty(model.Pruned);
        Assert.Empty(model.Checks);
        Assert.Empty(model.Predictions);
        Assert.Empty(model.Unresolved);
        Assert.Equal("", model.Aim);
    }

    [Fact]
    public void Bug_plans_that_promised_too_little_for_other_objectives_counted_when_a_study_was_gone_on_with()
    {
        var model = SpaceModel.Parse((SpaceModels.Of(2, 1) with { Unresolved = [12], Aim = "accuracy,macs" }).ToBytes())!;

        Assert.Equal([12], model.UnresolvedFor("accuracy,macs"));
        Assert.Empty(model.UnresolvedFor("accuracy,fileBytes"));
    }

    static double Dear(SpaceModel model, Explanation explanation, ModeledChoice chosen, ModeledChoice other, double share)
    {
        double divergence = 0, step = 1;
        // The curve has an inverse: halve towards the divergence of the whole.
        for (divergence = 0, step = 64; step > 1e-12; step /= 2)
        {
            if (model.Curve.Of(divergence + step) <= explanation.Loss) divergence += step;
        }

        return model.Curve.Of(Math.Max(0, divergence - chosen.Divergence + other.Divergence)) - explanation.Loss + explanation.Price * (other.Added[0] - chosen.Added[0]) * share;
    }

    [Fact]
    public void A_recipe_outside_the_space_has_no_explanation() =>
        Assert.Null(Explanation.Of(SpaceModels.Of(2, 1), new Recipe([new Step("nobody-knows", ["*"], System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty)])));
}
