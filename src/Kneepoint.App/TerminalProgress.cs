namespace Kneepoint.App;

/// <summary>Shows on standard error how far a long command is, how fast it goes and how long it still takes.</summary>
/// <remarks>On a terminal one line is rewritten; elsewhere plain lines appear, at most one in <see cref="PlainSeconds"/> seconds.
/// What ends within <see cref="QuietSeconds"/> shows nothing.</remarks>
sealed class TerminalProgress(TextWriter error, bool isTerminal, int columns, TimeProvider clock) : IDisposable
{
    const double TerminalSeconds = 0.1;
    const double PlainSeconds = 5;
    const double QuietSeconds = 1;
    readonly Lock _gate = new();
    readonly ProgressMeter _meter = new(clock);
    readonly long _started = clock.GetTimestamp();
    long _shown = long.MinValue;
    bool _lineOpen;

    /// <summary>Progress for this process's standard error.</summary>
    public static TerminalProgress ForProcess() =>
        new(Console.Error, !Console.IsErrorRedirected, Console.IsErrorRedirected ? 0 : SafeColumns(), TimeProvider.System);

    /// <summary>Says where the work stands; cheap enough to call for every item.</summary>
    /// <param name="stage">What is being done: "sensitivity".</param>
    /// <param name="done">Items done.</param>
    /// <param name="total">Items in all; 0 if nobody knows.</param>
    /// <param name="detail">What is in hand, or empty.</param>
    /// <param name="isOnce">Whether it is done once, however many trials follow.</param>
    public void Report(string stage, long done, long total, string detail = "", bool isOnce = false)
    {
        lock (_gate)
        {
            bool isNewStage = _meter.Take(stage, done, total, detail, isOnce);
            if (clock.GetElapsedTime(_started).TotalSeconds < QuietSeconds) return;
            double pause = isTerminal ? TerminalSeconds : PlainSeconds;
            bool isDue = _shown == long.MinValue || clock.GetElapsedTime(_shown).TotalSeconds >= pause;
            if (!isDue && !(isNewStage && isTerminal)) return;
            _shown = clock.GetTimestamp();
            Show(_meter.Text());
        }
    }

    /// <summary>Says how long the whole may take from now on.</summary>
    public void EndsAfter(TimeSpan limit)
    {
        lock (_gate) _meter.EndsAfter(limit);
    }

    /// <summary>Writes a line that stays.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            ClearLine();
            error.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) ClearLine();
    }

    void Show(string text)
    {
        if (!isTerminal)
        {
            error.WriteLine(text);
            return;
        }

        int width = Math.Max(20, columns - 1);
        if (text.Length > width) text = text[..(width - 1)] + "…";
        error.Write("\r\e[2K" + text);
        error.Flush();
        _lineOpen = true;
    }

    void ClearLine()
    {
        if (!_lineOpen) return;
        error.Write("\r\e[2K");
        error.Flush();
        _lineOpen = false;
    }

    static int SafeColumns()
    {
        const int Unknown = 80;
        try
        {
            // A terminal that does not know its size says 0.
            return Console.WindowWidth is > 0 and var columns ? columns : Unknown;
        }
        catch (IOException)
        {
            return Unknown;
        }
    }
}
