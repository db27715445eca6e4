using System.Globalization;

namespace Kneepoint.App;

/// <summary>Words for where a long command stands: how far, how fast, how long still, of the whole and of the step in hand.</summary>
/// <remarks>
/// Trials are the whole; everything else is a step. The pace of the whole is that of the trials made in this process, sensitivities and other
/// work between them included, so that the time left is what a user waits.
/// </remarks>
sealed class ProgressMeter(TimeProvider clock)
{
    /// <summary>The stage that counts the whole.</summary>
    public const string Whole = "trials";

    Pace? _whole;
    Pace? _step;
    string _detail = "";

    /// <summary>Takes a report; true if a new stage began.</summary>
    /// <param name="stage">What is being done: "sensitivity".</param>
    /// <param name="done">Items done.</param>
    /// <param name="total">Items in all; 0 if nobody knows.</param>
    /// <param name="detail">What is in hand, or empty.</param>
    public bool Take(string stage, long done, long total, string detail)
    {
        long now = clock.GetTimestamp();
        if (stage == Whole)
        {
            _whole = _whole is { } whole ? whole with { Done = done, Total = total } : new Pace(stage, now, done, done, total);
            _step = null;
            return true;
        }

        bool isNew = _step is not { } step || step.Stage != stage || done < step.Done;
        _step = isNew ? new Pace(stage, now, done, done, total) : _step!.Value with { Done = done, Total = total };
        _detail = detail;
        return isNew;
    }

    /// <summary>One line: "trial 12 of 40 · 2.4 s each · 1 min 08 s left · accuracy 45 %".</summary>
    public string Text()
    {
        var parts = new List<string>();
        if (_whole is { } whole)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"trial {Math.Min(whole.Done + 1, whole.Total)} of {whole.Total}"));
            AddPace(parts, whole);
        }

        if (_step is { } step)
        {
            string name = _detail.Length > 0 ? $"{step.Stage} of {_detail}" : step.Stage;
            if (step.Total <= 0) parts.Add(name);
            else parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {Math.Floor(100.0 * step.Done / step.Total):0} %"));
            if (_whole is null || step.Stage != "accuracy") AddPace(parts, step);
        }

        return string.Join(" · ", parts);
    }

    /// <summary>A time as a reader says it.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 59.5 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds):0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0} min {Math.Floor(seconds % 60):00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds % 3600 / 60):00} min"),
    };

    void AddPace(List<string> parts, Pace pace)
    {
        double seconds = clock.GetElapsedTime(pace.Started).TotalSeconds;
        long made = pace.Done - pace.First;
        if (made <= 0 || seconds <= 0 || pace.Total <= 0) return;
        double rate = made / seconds;
        parts.Add(rate >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{rate:#,0.#}/s")
            : string.Create(CultureInfo.InvariantCulture, $"{1 / rate:0.0} s each"));
        if (pace.Total > pace.Done) parts.Add($"{Duration((pace.Total - pace.Done) / rate)} left");
    }

    /// <summary>Where a stage began and stands.</summary>
    readonly record struct Pace(string Stage, long Started, long First, long Done, long Total);
}
