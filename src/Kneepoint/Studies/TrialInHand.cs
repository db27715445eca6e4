using System.Globalization;
using System.Runtime.ExceptionServices;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>A trial on its way. What goes wrong with it becomes its outcome; what goes wrong with the world waits until its turn to be finished, so that the trials before it are kept.</summary>
/// <remarks>Its time limit counts its own two parts, not the wait between them.</remarks>
sealed class TrialInHand(ITrialRunner runner, Recipe recipe, ExplorationSettings settings, TimeProvider clock, CancellationToken cancellation) : IDisposable
{
    readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    IStartedTrial? _started;
    TrialOutcome? _outcome;
    ExceptionDispatchInfo? _failure;
    TimeSpan _elapsed;

    /// <summary>What is tried.</summary>
    public Recipe Recipe => recipe;

    /// <summary>Seconds spent so far.</summary>
    public double Seconds => _elapsed.TotalSeconds;

    /// <summary>Does the part that may run beside others; throws nothing.</summary>
    public void Start(int threads) => Do(() => _started = runner.Start(recipe, threads, _stop.Token));

    /// <summary>Does the rest.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public TrialOutcome Finish()
    {
        Do(() => _outcome = _started!.Finish());
        _failure?.Throw();
        return _outcome!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _started?.Dispose();
        _stop.Dispose();
    }

    void Do(Action part)
    {
        if (_outcome is not null || _failure is not null) return;
        long began = clock.GetTimestamp();
        using var timer = new CancellationTokenSource(settings.TrialTimeLimit > _elapsed ? settings.TrialTimeLimit - _elapsed : TimeSpan.Zero, clock);
        using var link = timer.Token.Register(_stop.Cancel);
        try
        {
            part();
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            if (recipe.Equals(Recipe.Baseline))
            {
                _failure = ExceptionDispatchInfo.Capture(new StudyStoreException(string.Create(CultureInfo.InvariantCulture,
                    $"The baseline took longer than the {settings.TrialTimeLimit.TotalMinutes} minutes of a trial: nothing can be compared with it."), exception));
            }

            _outcome = new TrialOutcome.TimedOut(settings.TrialTimeLimit.TotalSeconds);
        }
        catch (Exception exception) when (IsOfTheWorld(exception) || recipe.Equals(Recipe.Baseline))
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
        }
        catch (Exception exception)
        {
            _outcome = new TrialOutcome.Crashed($"{exception.GetType().Name}: {exception.Message}");
        }
        finally
        {
            _elapsed += clock.GetElapsedTime(began);
        }
    }

    static bool IsOfTheWorld(Exception exception) => exception is OperationCanceledException or IOException or UnauthorizedAccessException or StudyStoreException or Data.DataException;
}
