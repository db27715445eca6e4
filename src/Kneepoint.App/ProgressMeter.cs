using System.Globalization;

namespace Kneepoint.App;

/// <summary>Words for where a long command stands: how far, how fast, how long still, of the whole and of the step in hand.</summary>
/// <remarks>
/// Trials are the whole; everything else is a step. The pace of the whole is that of the batches of trials which this process has completed, plans between them included, so that the time left is what
/// a user waits. What is done once is not charged to them: neither the baseline, against which everything is prepared, nor the measurement of the space.
/// </remarks>
sealed class ProgressMeter(TimeProvider clock)
{
    /// <summary>The stage that counts the whole.</summary>
    public const string Whole = "trials";

    (long Done, long Total)? _whole;
    Pace? _step;
    string _detail = "";
    long _last;
    bool _isOnce;

    // Of trials after the baseline: those that are complete, and the time charged to them, as it stood when the last batch began.
    long _made;
    double _chargedSeconds;
    double? _secondsEach;
    (long Began, TimeSpan Limit)? _limit;

    /// <summary>Says how long the whole may take from now on.</summary>
    public void EndsAfter(TimeSpan limit) => _limit = (clock.GetTimestamp(), limit);

    /// <summary>Takes a report; true if a new stage began.</summary>
    /// <param name="stage">What is being done: "sensitivity".</param>
    /// <param name="done">Items done.</param>
    /// <param name="total">Items in all; 0 if nobody knows.</param>
    /// <param name="detail">What is in hand, or empty.</param>
    /// <param name="isOnce">Whether it is done once, however many trials follow.</param>
    public bool Take(string stage, long done, long total, string detail, bool isOnce = false)
    {
        long now = clock.GetTimestamp();
        if (_whole is { Done: > 0 } && !_isOnce) _chargedSeconds += clock.GetElapsedTime(_last, now).TotalSeconds;
        (_last, _isOnce) = (now, isOnce);
        if (stage == Whole)
        {
            if (_whole is { Done: > 0 and var before } && done > before) _made += done - before;

            // A batch begins: all before it are complete.
            else if (_made > 0) _secondsEach = _chargedSeconds / _made;
            _whole = (done, total);
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
            double? limit = _limit is { } known ? Math.Max(0, (known.Limit - clock.GetElapsedTime(known.Began)).TotalSeconds) : null;
            bool endsByLimit = limit is { } most && !(_secondsEach * (whole.Total - whole.Done) <= most);
            if (_secondsEach is > 0 and var each) AddPace(parts, 1 / each, endsByLimit ? 0 : whole.Total - whole.Done);
            if (endsByLimit) parts.Add($"{Duration(limit!.Value)} left until the time limit");
        }

        if (_step is { } step)
        {
            string name = _detail.Length > 0 ? $"{step.Stage} of {_detail}" : step.Stage;
            if (step.Total <= 0) parts.Add(name);
            else parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {Math.Floor(100.0 * step.Done / step.Total):0} %"));
            double seconds = clock.GetElapsedTime(step.Started).TotalSeconds;
            bool isPartOfTrial = _whole is not null && step.Stage == "accuracy";
            if (!isPartOfTrial && step.Done > step.First && seconds > 0 && step.Total > 0) AddPace(parts, (step.Done - step.First) / seconds, step.Total - step.Done);
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

    static void AddPace(List<string> parts, double perSecond, long left)
    {
        parts.Add(perSecond >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{perSecond:#,0.#}/s")
            : string.Create(CultureInfo.InvariantCulture, $"{1 / perSecond:0.0} s each"));
        if (left > 0) parts.Add($"{Duration(left / perSecond)} left");
    }

    /// <summary>Where a stage began and stands.</summary>
    readonly record struct Pace(string Stage, long Started, long First, long Done, long Total);
}
