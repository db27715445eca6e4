using System.Globalization;

namespace Kneepoint.App;

/// <summary>Shows on standard error how far a long command is, how fast it goes and how long it still takes.</summary>
/// <remarks>On a terminal one line is rewritten; elsewhere plain lines appear, at most one in <see cref="PlainSeconds"/> seconds for
/// the same stage. Nothing is shown in the first two seconds of a stage on a terminal's line that would only flicker.</remarks>
sealed class TerminalProgress(TextWriter error, bool isTerminal, int columns, TimeProvider clock) : IDisposable
{
    const double TerminalSeconds = 0.1;
    const double PlainSeconds = 5;
    readonly Lock _gate = new();
    string _stage = "";
    long _stageStarted = clock.GetTimestamp();
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
    public void Report(string stage, long done, long total, string detail = "")
    {
        lock (_gate)
        {
            bool isNewStage = stage != _stage;
            if (isNewStage)
            {
                _stage = stage;
                _stageStarted = clock.GetTimestamp();
            }

            double pause = isTerminal ? TerminalSeconds : PlainSeconds;
            bool isDue = _shown == long.MinValue || clock.GetElapsedTime(_shown).TotalSeconds >= pause;
            if (!isDue && !(isNewStage && isTerminal)) return;
            _shown = clock.GetTimestamp();
            Show(Text(stage, done, total, clock.GetElapsedTime(_stageStarted).TotalSeconds, detail));
        }
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

    internal static string Text(string stage, long done, long total, double seconds, string detail)
    {
        string count = total > 0 ? $"{done}/{total}" : $"{done}";
        string text = $"{stage} {count}";
        if (done > 0 && seconds > 0)
        {
            double rate = done / seconds;
            text += string.Create(CultureInfo.InvariantCulture, $" · {(rate >= 1 ? $"{rate:0.0}/s" : $"{1 / rate:0.0} s each")}");
            if (total > done) text += $" · {Duration((total - done) / rate)} left";
        }

        return detail.Length > 0 ? $"{text} · {detail}" : text;
    }

    internal static string Duration(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds):0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0} min {Math.Floor(seconds % 60):00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds % 3600 / 60):00} min"),
    };

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
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
