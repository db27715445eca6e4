using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Kneepoint.Measurement;
using Kneepoint.Reports;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

using Objective = Kneepoint.Studies.Objective;

namespace Kneepoint.App.Commands;

/// <summary>What a study's model adds to a choice among measured variants: the best recipe that was not measured, with its bound, and prices.</summary>
sealed class PickModel
{
    readonly StoredStudy _study;
    readonly SpaceModel _model;
    readonly ModelTexts _texts;
    readonly ImmutableArray<Budget> _budgets;
    readonly double _baselineAccuracy;
    readonly ModeledAnswer _answer;
    readonly ModeledRelief? _least;
    readonly string _goal;
    readonly bool _isMet;
    readonly ImmutableArray<ModeledRelief> _reliefs;
    readonly ImmutableArray<double> _costs, _prices;

    // Of the variant that was chosen, or is nearest; infinite where there is none.
    readonly double _loss = double.PositiveInfinity;

    PickModel(StoredStudy study, SpaceModel model, ImmutableArray<Budget> budgets, Measured baseline, Objective goal, BudgetChoice choice)
    {
        (_study, _model, _budgets, _baselineAccuracy, _goal) = (study, model, budgets, baseline.Accuracy.Value, goal.Name);
        _isMet = choice.Best is not null;
        _texts = new ModelTexts(study.Document(), model);
        double lossLimit = BudgetGoals.LossLimit(budgets, baseline);
        _answer = ModeledAnswer.Of(model, budgets, lossLimit);
        _least = model.Costs.Contains(goal.Name) ? ModeledAnswer.Least(model, goal.Name, budgets, lossLimit) : null;
        _costs = [];
        if ((choice.Best ?? choice.Nearest)?.Outcome is TrialOutcome.Measured { Figures: var here })
        {
            _costs = [.. model.Costs.Select(cost => Objective.Of(cost, true).Figure(here) ?? double.NaN)];
            _loss = _texts.LossOf(here.Accuracy.Value);
        }

        _prices = _costs.Length > 0 ? ModeledAnswer.PricesAt(model, _costs) : [];
        _reliefs = [.. _answer.Reliefs.Where(IsNews)];
    }

    /// <summary>Asks the model of a study; null where it has none.</summary>
    public static PickModel? Of(StoredStudy study, IReadOnlyList<(string Option, double Limit)> limits, Objective goal, BudgetChoice choice)
    {
        if (study.Model is not { Costs.IsEmpty: false } model || study.Trials.FirstOrDefault(trial => trial.Recipe.Steps.IsEmpty)?.Outcome is not TrialOutcome.Measured { Figures: var baseline }) return null;
        return new PickModel(study, model, [.. limits.Select(limit => Budget.Of(limit.Option, limit.Limit, study.Description.MetricIsMaximized))], baseline, goal, choice);
    }

    /// <summary>The answer in words.</summary>
    public IEnumerable<string> Sentences()
    {
        foreach (var budget in _answer.NotModeled) yield return $"The model does not know {budget.Figure}: of {budget.Option} it says nothing.";
        if (_answer.NotModeled.IsEmpty && !KnowsGoal) yield return $"The model does not know {_goal}: of the least of it, it says nothing.";
        if (_answer.NotModeled.IsEmpty && KnowsGoal && Answer() is { } answer) yield return answer;
        string[] bought = [.. (_costs.Length == 0 ? [] : _texts.SavedByStep(_costs, _loss)).Select((saved, k) => (saved, k)).Where(entry => _texts.CanBeSeen(entry.saved)).Select(entry => _texts.Purchase(entry.k, entry.saved))];
        if (bought.Length > 0) yield return $"At this place, by the model: {string.Join("; ", bought)}.";
    }

    // Where nothing that was measured meets the budgets, whether anything does comes before what is best.
    bool KnowsGoal => _goal == "accuracy" || _model.Costs.Contains(_goal) || !_isMet;

    string Errors() => string.Concat(_model.Checks.Where(check => _budgets.Any(budget => budget.Figure == check.Cost))
        .Select(check => string.Create(CultureInfo.InvariantCulture, $"; its {ModelTexts.CostName(check.Cost)} within {100 * check.LargeError:0.##} % for nine networks of ten")));

    /// <summary>Whether all budgets are modeled and no recipe of the model meets them: searching on is in vain, as far as the model knows.</summary>
    public bool IsImpossible => _answer is { IsFeasible: false, NotModeled.IsEmpty: true };

    string? Answer()
    {
        if (_least is not null && _answer.IsFeasible)
        {
            if (TriedInVain(_least.Admitted.Recipe) is { } inVain) return inVain;
            int cost = _model.Costs.IndexOf(_least.Cost!);

            // Sums of what layers save may come to more than there is.
            if (!(_least.Limit > 0) || _costs.Length > 0 && _costs[cost] <= _least.Limit) return null;
            return $"By the model, {_texts.Cost(cost, _least.Limit)} of {ModelTexts.CostName(_least.Cost!)} are enough for these budgets ({_texts.Loss(_least.Admitted.Loss)}, {Measured(_least.Admitted.Recipe)}).";
        }

        if (_isMet && (!_answer.IsFeasible || _loss <= _answer.Optimum!.Loss)) return "By the model, no recipe within the budgets is better than this one.";
        if (_answer is not { IsFeasible: true, Optimum: { } best })
        {
            if (_answer.Reliefs.IsEmpty) return "By the model, no single budget could give way so far that a recipe of the space meets the others.";
            return _reliefs.IsEmpty ? "By the model, no recipe of the space meets them, and none needs less than what was measured."
                : $"By the model, no recipe of the space meets them; enough: {string.Join(", or ", _reliefs.Select(Relief))}; not measured.";
        }

        if (TriedInVain(best.Recipe) is { } off) return off;
        string proof = best.IsProved ? "the best of all its recipes" : string.Create(CultureInfo.InvariantCulture, $"at most {best.GapPercent:0.##} % from its best");
        return $"By the model, a recipe within the budgets comes to {_texts.Loss(best.Loss)}: {proof}, as far as the model holds ({Measured(best.Recipe)}{Errors()}).";
    }

    string? TriedInVain(Search.Recipe recipe) => TrialOf(recipe) is { } tried && !Meets(tried, _budgets)
        ? $"By the model, {recipe.Id} would be the best recipe within the budgets; it was tried and does not meet them, so the model is off here." : null;

    /// <summary>The answer as a member of a JSON document.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("model");
        json.WriteBoolean("feasible", _answer.IsFeasible);
        if (_answer.Optimum is { } best)
        {
            json.WriteString("id", best.Recipe.Id);
            json.WritePropertyName("recipe");
            json.WriteRawValue(best.Recipe.CanonicalJson);
            json.WriteNumber("loss", best.Loss * Unit);
            json.WriteNumber("lossBound", best.LossBound * Unit);
            json.WriteNumber("gapPercent", best.GapPercent);
            json.WriteBoolean("proved", best.IsProved);
            WriteCosts(json, "costs", best.Costs);
        }

        WriteCosts(json, "prices", [.. _prices.Select(price => price * Unit)]);
        json.WriteStartArray("relaxOne");
        foreach (var relief in _answer.Reliefs)
        {
            json.WriteStartObject();
            json.WriteString("figure", relief.Cost ?? "accuracyChange");
            json.WriteString("options", BudgetOptions.Typed(OptionsOf(relief)));
            PickJson.WriteNumber(json, "needed", relief.Cost is null ? ChangeAt(relief.Limit) : relief.Limit);
            PickJson.WriteNumber(json, "relative", relief.Relative);
            json.WriteBoolean("measured", IsMeasured(relief));
            json.WriteString("id", relief.Admitted.Recipe.Id);
            PickJson.WriteNumber(json, "loss", relief.Admitted.Loss * Unit);
            WriteCosts(json, "costs", relief.Admitted.Costs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    void WriteCosts(Utf8JsonWriter json, string name, IReadOnlyList<double> figures)
    {
        json.WriteStartObject(name);
        for (int k = 0; k < figures.Count; k++) PickJson.WriteNumber(json, _model.Costs[k], figures[k]);
        json.WriteEndObject();
    }

    double Unit => BudgetGoals.LossUnit(_baselineAccuracy);

    string Measured(Search.Recipe recipe) => TrialOf(recipe) is not null ? $"measured: {recipe.Id}" : "not measured";

    // With what the recipe that it admits comes to in the other figures that were asked for.
    string Relief(ModeledRelief relief)
    {
        string[] others = [.. _model.Costs.Select((cost, k) => (cost, k)).Where(entry => entry.cost != relief.Cost && _budgets.Any(budget => budget.Figure == entry.cost)).Select(entry => $"{_texts.Cost(entry.k, relief.Admitted.Costs[entry.k])} of {ModelTexts.CostName(entry.cost)}")];
        return $"{BudgetOptions.Typed(OptionsOf(relief))} ({string.Join(", ", others.Prepend(_texts.Loss(relief.Admitted.Loss)))})";
    }

    // What a measured variant meets already is no news, and what was tried and does not meet it shows that the model is off there.
    bool IsNews(ModeledRelief relief) => TrialOf(relief.Admitted.Recipe) is null && !IsMeasured(relief);

    // Whether a measured variant meets the budgets once they have given way.
    bool IsMeasured(ModeledRelief relief)
    {
        var given = OptionsOf(relief).ToDictionary(option => option.Option, option => option.Limit, StringComparer.Ordinal);
        Budget[] relaxed = [.. _budgets.Select(budget => given.TryGetValue(budget.Option, out double limit) ? Budget.Of(budget.Option, limit, _study.Description.MetricIsMaximized) : budget)];
        return _study.Trials.Any(trial => Meets(trial, relaxed));
    }

    Trial? TrialOf(Search.Recipe recipe) => _study.Trials.FirstOrDefault(trial => trial.Recipe.Equals(recipe));

    static bool Meets(Trial trial, IEnumerable<Budget> budgets) => trial.Outcome is TrialOutcome.Measured { Figures: var figures } && budgets.All(budget => budget.IsMet(figures));

    bool LetsMorePass(string option) => option != "--min-accuracy" || !_study.Description.MetricIsMaximized;

    // What to state instead of the budgets that have to give way: two of them where an accuracy and a drop are both too strict.
    IEnumerable<(string Option, double Limit)> OptionsOf(ModeledRelief relief) => _budgets.Where(budget => relief.Cost is { } cost ? budget.Figure == cost : IsBroken(budget, relief.Limit))
        .Select(budget => (budget.Option, PickText.Rounded(relief.Cost is null ? Stated(budget.Option, relief.Limit) : relief.Limit, isUp: LetsMorePass(budget.Option))));

    bool IsBroken(Budget budget, double loss) => budget.Figure switch
    {
        "accuracyChange" => budget.IsUpper ? ChangeAt(loss) > budget.Limit : ChangeAt(loss) < budget.Limit,
        "accuracy" => budget.IsUpper ? _baselineAccuracy + ChangeAt(loss) > budget.Limit : _baselineAccuracy + ChangeAt(loss) < budget.Limit,
        _ => false,
    };

    double Stated(string option, double loss) => option == "--min-accuracy" ? _baselineAccuracy + ChangeAt(loss) : loss * Unit;

    double ChangeAt(double loss) => _study.Description.MetricIsMaximized ? -loss * Unit : loss * Unit;
}
