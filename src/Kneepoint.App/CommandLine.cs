using System.CommandLine;
using System.CommandLine.Parsing;

namespace Kneepoint.App;

/// <summary>Runs a command and turns every way of ending into the exit codes that other programs rely on.</summary>
static class CommandLine
{
    // SIGXFSZ, the same on Linux and macOS.
    const int FileSizeSignal = 25;
    static System.Runtime.InteropServices.PosixSignalRegistration? _fileSizeLimit;

    /// <summary>Parses and runs.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(Command root, string[] args)
    {
        StandardOutput.UseForText();
        using var interrupt = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            // The first Ctrl-C ends the command in order; the second one ends the process.
            pressed.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        };
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
            {
                // As with Ctrl-C: whoever asks twice gets the end at once, for a native call may be deaf to the first request.
                signal.Cancel = !interrupt.IsCancellationRequested;
                interrupt.Cancel();
            });

        KeepFileSizeLimitAnError();

        var parsed = root.Parse(args);
        if ((parsed.Errors.Count > 0 || UnknownOption(parsed) is not null) && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            string command = parsed.CommandResult.Command == root ? "kneepoint" : $"kneepoint {parsed.CommandResult.Command.Name}";
            return Fail(command, $"{FirstError(parsed)} See '{command} --help'.");
        }

        try
        {
            return parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                interrupt.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException exception)
        {
            Console.Error.WriteLine(exception is StudyCancelledException ? exception.Message : "Cancelled.");
            return ExitCode.Cancelled;
        }
        catch (IOException exception) when (IsBrokenPipe(exception))
        {
            return ExitCode.Done;
        }
        catch (Exception exception) when (Environment.GetEnvironmentVariable("KNEEPOINT_STACK_TRACE") is null)
        {
            return Fail($"kneepoint {parsed.CommandResult.Command.Name}", Sentence(exception));
        }
    }

    // A limit on the size of files then shows as an error of the write, which becomes a sentence, and not as the end of the process.
    // Kept for as long as the process lives: another thread hears of the signal, and may do so after the command has failed by that error.
    static void KeepFileSizeLimitAnError()
    {
        if (OperatingSystem.IsWindows()) return;
        _fileSizeLimit ??= System.Runtime.InteropServices.PosixSignalRegistration.Create(
            (System.Runtime.InteropServices.PosixSignal)FileSizeSignal, signal => signal.Cancel = true);
    }

    // An unknown word explains most other errors (a required command "missing" because it was mistyped), so it is named first.
    static string FirstError(ParseResult parsed) => (UnknownOption(parsed) ?? (parsed.UnmatchedTokens is [string unmatched, ..] ? unmatched : null)) is { } token
        ? $"Unrecognized command or argument '{token}'."
        : parsed.Errors[0].Message;

    // The parser takes an unknown option for a positional argument where one is expected. "-x" is one too; "-5" and "-" are values.
    static string? UnknownOption(ParseResult parsed) => parsed.Tokens
        .TakeWhile(token => token.Type != TokenType.DoubleDash)
        .FirstOrDefault(token => token.Type == TokenType.Argument && IsOption(token.Value))?.Value;

    static bool IsOption(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) || (word.Length > 1 && word[0] == '-' && char.IsAsciiLetter(word[1]));

    static int Fail(string command, string sentence)
    {
        Console.Error.WriteLine($"{command}: {sentence}");
        return ExitCode.Error;
    }

    // What the user can act on is the message of our own exceptions; anything else is a defect and is called one.
    static string Sentence(Exception exception) => exception switch
    {
        OutOfMemoryException => "There is not enough memory for this network and these data: close other programs, or raise the limit that this process runs under.",
        CommandLineException or IOException or UnauthorizedAccessException => exception.Message,
        _ when exception.GetType().Namespace?.StartsWith("Kneepoint", StringComparison.Ordinal) == true => exception.Message,
        _ => $"{exception.Message} ({exception.GetType().Name}; this should not happen: set KNEEPOINT_STACK_TRACE=1 and report it.)",
    };

    static bool IsBrokenPipe(IOException exception)
    {
        const int BrokenPipeErrno = 32;
        return (exception.HResult & 0xFFFF) == BrokenPipeErrno;
    }
}
