using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.Reports;

/// <summary>What the model of a study's space says, in words and numbers.</summary>
public sealed class ModelTexts
{
    readonly SpaceModel _model;
    readonly MetricFormat _metric;
    readonly double _unit;
    readonly double _baseline;
    readonly bool _isMaximized;

    /// <summary>Prepares for one study.</summary>
    /// <param name="document">The study, whose baseline losses are shares of.</param>
    /// <param name="model">Its model.</param>
    public ModelTexts(FrontierDocument document, SpaceModel model)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(model);
        (_model, _metric, _isMaximized) = (model, MetricFormat.Of(document.Data.Metric.Name), document.Data.Metric.Direction == Direction.Maximize);
        _baseline = document.Baseline?.Accuracy?.Value ?? 1;
        _unit = BudgetGoals.LossUnit(_baseline);
    }

    /// <summary>A cost's name in words.</summary>
    public static string CostName(string cost) => cost switch
    {
        "fileBytes" => "file",
        "packedBytes" => "packed",
        "weightBytes" => "weights",
        "activationPeakBytes" => "activations",
        "residentPeakBytes" => "resident",
        "macs" => "MACs",
        "bitOps" => "bit operations",
        _ => cost,
    };

    /// <summary>An amount of a cost, with its unit.</summary>
    /// <param name="cost">Index of the model's cost.</param>
    /// <param name="amount">In the cost's unit.</param>
    public string Cost(int cost, double amount) => _model.Costs[cost] switch
    {
        "latency" => Format.Milliseconds(amount),
        "macs" or "bitOps" => Format.Count((long)Math.Round(amount)),
        _ => Format.Bytes((long)Math.Round(amount)),
    };

    /// <summary>A loss as a change of the metric.</summary>
    /// <param name="loss">A share of the baseline's figure.</param>
    public string Loss(double loss) => _metric.Change(_isMaximized ? -loss * _unit : loss * _unit);

    string Size(double loss) => _metric.Change(loss * _unit).TrimStart('+');

    /// <summary>The metric's name.</summary>
    public string MetricName => _metric.IsPercent ? $"{_metric.Name}, %" : _metric.Name;

    /// <summary>Whether a loss is more than nothing in the digits in which the metric is shown.</summary>
    public bool CanBeSeen(double loss) => Loss(loss) != Loss(0);

    /// <summary>The loss of a variant, as a share of the baseline's figure.</summary>
    /// <param name="accuracy">Its metric.</param>
    public double LossOf(double accuracy) => (_isMaximized ? _baseline - accuracy : accuracy - _baseline) / _unit;

    /// <summary>The metric at a loss, as plots show it.</summary>
    public double AccuracyAt(double loss) => Shown(_isMaximized ? _baseline - loss * _unit : _baseline + loss * _unit);

    /// <summary>A value of the metric as plots show it.</summary>
    public double Shown(double accuracy) => _metric.IsPercent ? 100 * accuracy : accuracy;

    /// <summary>The metric at a loss, with its unit.</summary>
    public string Value(double loss) => _metric.Value(_isMaximized ? _baseline - loss * _unit : _baseline + loss * _unit);

    /// <summary>A cost of a variant; null where it was not measured.</summary>
    /// <param name="cost">The cost's name.</param>
    /// <param name="variant">The variant.</param>
    public static double? CostOf(string cost, FrontierVariant variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        return Studies.Objective.Of(cost, true).Figure(new Measurement.Measured(default, default, variant.Memory, variant.Compute, []));
    }

    /// <summary>What an alternative would change.</summary>
    public string Next(Alternative? next) => next is null ? "" : $"{next.Method}: {Loss(next.Loss)}{string.Concat(next.Costs.Select((cost, k) => cost == 0 ? "" : $", {Signed(k, cost)} {CostName(_model.Costs[k])}"))}";

    /// <summary>A price at the margin.</summary>
    /// <param name="cost">Index of the model's cost.</param>
    /// <param name="price">Loss, a share of the baseline's figure, for a unit of the cost.</param>
    public string Price(int cost, double price) => $"{Size(price * StepOf(cost))} for {Step(cost)} of {CostName(_model.Costs[cost])}";

    /// <summary>What one step more of each cost would save where a variant is; 0 where it would save nothing.</summary>
    /// <param name="costs">The variant's figures in the order of the model's costs; NaN where one was not measured.</param>
    /// <param name="loss">What the variant loses, a share of the baseline's figure.</param>
    public ImmutableArray<double> SavedByStep(IReadOnlyList<double> costs, double loss) => ModeledAnswer.SavedBy(_model, costs, loss, [.. _model.Costs.Select((_, k) => StepOf(k))]);

    /// <summary>What one step more of a cost buys.</summary>
    /// <param name="cost">Index of the model's cost.</param>
    /// <param name="saved">Loss, a share of the baseline's figure.</param>
    public string Purchase(int cost, double saved) => $"{PurchaseHead(cost)} {Loss(-saved)}";

    /// <summary>The head of a column of purchases.</summary>
    public string PurchaseHead(int cost) => $"{Step(cost)} more of {CostName(_model.Costs[cost])} buys";

    /// <summary>Everything that the table of an explanation does not say.</summary>
    public IEnumerable<string> Sentences(Explanation explanation) => About(explanation).Concat(Checks());

    /// <summary>What the table of an explanation does not say of the variant.</summary>
    public IEnumerable<string> About(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        if (explanation.FormLoss != 0)
        {
            string[] saved = [.. explanation.FormSaved.Select((cost, k) => (cost, k)).Where(entry => entry.cost > 0).Select(entry => $"{Cost(entry.k, entry.cost)} of {CostName(_model.Costs[entry.k])}")];
            yield return $"What is done to the network before its layers are treated{(saved.Length > 0 ? $" saves {string.Join(", ", saved)} and" : "")} changes {_metric.Name} by {Loss(explanation.FormLoss)}.";
        }

        if (explanation.IsFitted) yield return "Layers are fitted to what the rounded layers before feed them, which loses less than the parts say.";
        yield return $"All together the model expects {Loss(explanation.Loss)}; the change beside a layer is what would be gone if it alone were kept.";
        if (explanation.Groups.Any(group => group.Next is { } next && next.Loss <= 0 && next.Costs.All(cost => cost <= 0) && (next.Loss < 0 || next.Costs.Any(cost => cost < 0))))
        {
            yield return "A next best choice that loses less and costs less is not proof of a better recipe: the model adds up what layers do alone, within the errors below, and knows nothing of objectives that it does not list, such as time.";
        }

        if (explanation.Price > 0 && _model.Costs.Length > 0) yield return $"The next best choice is the one that is least dear at the price of this place: {Price(0, explanation.Price)}.";
    }

    /// <summary>How far the model can be trusted.</summary>
    public IEnumerable<string> Checks()
    {
        if (_model.LossErrors is { IsDefaultOrEmpty: false, Length: 2 } errors)
        {
            yield return $"The model adds up what layers lose alone: its losses are within {Size(errors[0])} for half of the {_model.Measured} variants that it was fitted to, {Size(errors[1])} for nine of ten. What it takes for the best recipe is likely to come out somewhat worse.";
        }

        if (_model.Checks.Length > 0)
        {
            yield return "The model's costs, each network predicted by the others: " + string.Join("; ", _model.Checks.Select(check =>
                string.Create(CultureInfo.InvariantCulture, $"{CostName(check.Cost)} within {100 * check.MedianError:0.##} % for half of {check.Variants} networks that were made, {100 * check.LargeError:0.##} % for nine of ten"))) + ".";
        }
    }

    // As much as makes a difference that one can read.
    double StepOf(int cost) => _model.Costs[cost] switch
    {
        "latency" => Math.Pow(10, Math.Floor(Math.Log10(_model.Forms[0].Costs[cost] / 10))),
        _ => Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(_model.Forms[0].Costs[cost] / 20)))),
    };

    // A power of ten, without the zeros behind its point.
    string Step(int cost) => Cost(cost, StepOf(cost)).Replace(".00 ", " ", StringComparison.Ordinal).Replace(".0 ", " ", StringComparison.Ordinal);

    string Signed(int cost, double amount) => amount > 0 ? $"+{Cost(cost, amount)}" : Cost(cost, amount);
}
