using Kneepoint.Measurement;

namespace Kneepoint.Reports;

/// <summary>How values of a metric are shown. Shares of samples are shown in percent and their changes in percentage points, others in their own unit.</summary>
public sealed class MetricFormat
{
    readonly double _scale;
    readonly int _decimals;
    readonly string _unit;
    readonly string _changeUnit;

    MetricFormat(string name, double scale, int decimals, string unit, string changeUnit)
    {
        Name = name;
        _scale = scale;
        _decimals = decimals;
        _unit = unit;
        _changeUnit = changeUnit;
    }

    /// <summary>What to call the metric on an axis: "top-1 accuracy".</summary>
    public string Name { get; }

    /// <summary>Whether values are shown in percent.</summary>
    public bool IsPercent => _scale == 100;

    /// <summary>What a value is multiplied with before it is shown: 100 for percent, otherwise 1.</summary>
    internal double Scale => _scale;

    /// <summary>Decimals that are shown.</summary>
    internal int Decimals => _decimals;

    /// <summary>What follows a value: " %", " nat", or nothing.</summary>
    internal string Unit => _unit;

    /// <summary>What follows a change: " points", " nat", or nothing.</summary>
    internal string ChangeUnit => _changeUnit;

    /// <summary>The format of a metric by its name; a user's own metric is shown as a plain number.</summary>
    public static MetricFormat Of(string metric) => metric switch
    {
        "top1" => Share("top-1 accuracy"),
        "top5" => Share("top-5 accuracy"),
        "accuracy" => Share("accuracy"),
        "fidelity" or "agreement" => Share("agreement with the baseline"),
        "auc" => new("AUC", 1, 4, "", ""),
        "f1" => new("F1", 1, 4, "", ""),
        "nll" => new("negative log-likelihood", 1, 4, " nat", " nat"),
        "psnr" => new("PSNR", 1, 2, " dB", " dB"),
        "fidelity-sqnr" => new("SQNR against the baseline", 1, 2, " dB", " dB"),
        "sqnr" => new("SQNR", 1, 2, " dB", " dB"),
        "mse" => new("mean squared error", 1, 5, "", ""),
        _ => new(Format.Plain(metric), 1, 4, "", ""),
    };

    /// <summary>"95.15 %", "1.5525 nat".</summary>
    public string Value(double value) => Number(value) + _unit;

    /// <summary>"95.15 % [94.12, 96.01]".</summary>
    public string Value(Interval figure) => Join(Value(figure.Value), Format.Ends(figure, Number));

    /// <summary>"−0.30 points", "+0.0120 nat".</summary>
    public string Change(double change) => Signed(change) + _changeUnit;

    /// <summary>"−0.30 points [−0.60, 0.00]".</summary>
    public string Change(Interval figure) => Join(Change(figure.Value), Format.Ends(figure, Signed));

    internal string ChangeNumber(Interval figure) => Join(Signed(figure.Value), Format.Ends(figure, Signed));

    static MetricFormat Share(string name) => new(name, 100, 2, " %", " points");

    static string Join(string value, string ends) => ends.Length == 0 ? value : $"{value} {ends}";

    string Number(double value) =>
        Format.Minus(Math.Round(value * _scale, _decimals, MidpointRounding.AwayFromZero)
            .ToString($"F{_decimals}", System.Globalization.CultureInfo.InvariantCulture));

    string Signed(double value) => Format.Signed(value * _scale, _decimals);
}
