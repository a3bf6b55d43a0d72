"""The names that other libraries have for what is set here, so that a refusal can name ours.

One table: our name, and those of NeuralForecast, StatsForecast, Darts, GluonTS, AutoGluon, Prophet,
NeuralProphet, sktime, statsmodels, pmdarima, pytorch-forecasting, scikit-learn, Keras, Lightning, Optuna and
Hugging Face.
"""

from __future__ import annotations

__all__ = ["NOTES", "names_here"]

# A left side with a bracket is what to write, word for word.
_TABLE = {
    # forecasting
    "horizon": "h fh n_ahead prediction_length pred_len pred_length prediction_horizon forecast_horizon "
    "forecast_length forecast_steps max_prediction_length output_chunk_length output_length "
    "n_forecasts steps steps_ahead n_periods periods lead_time",
    "context_length": "input_size input_chunk_length input_length max_encoder_length seq_len sequence_length "
    "seq_length n_lags lookback look_back lookback_window window_size window_length "
    "history_length",
    "segment_length": "patch_len patch_length patch_size seg_len",
    "season_length": "season seasons seasonality seasonal seasonal_period seasonal_periods period m sp "
    "yearly_seasonality weekly_seasonality daily_seasonality season_lengths",
    "lags": "lag lags_seq target_lags",
    "freq": "frequency freqstr sampling_rate",
    "scaling": "scaler scaler_type local_scaler_type normalize normalization normaliser normalizer scale "
    "standardize target_normalizer use_revin use_reversible_instance_norm revin",
    "output": "distr_output distribution distribution_output likelihood head",
    "output=Quantiles([0.05, 0.5, 0.95])": "quantiles quantile_levels q",
    "loss": "criterion loss_fn objective loss_function",
    "past_covariates": "hist_exog_list past_exog_list time_varying_unknown_reals "
    "time_varying_unknown_categoricals past_feat_dynamic_real observed_covariates",
    "future_covariates": "futr_exog_list exog exog_list exogenous regressors extra_regressors covariates "
    "feat_dynamic_real known_covariates known_covariates_names time_varying_known_reals "
    "time_varying_known_categoricals use_feat_dynamic_real features",
    "static_covariates": "stat_exog_list static_features static_reals static_categoricals feat_static_cat "
    "feat_static_real",
    "calendar": "holidays country_holidays add_encoders date_features time_features add_datetime_features "
    "datetime_features",
    "id_col": "id_column item_id series_id group_ids group_id unique_id id",
    "time_col": "time_column timestamp_column timestamp date_col date_column datetime_col time_idx ds",
    "target_col": "target target_column label value_col value_cols value_column",
    "floor": "min_value lower_bound",
    "ceiling": "cap max_value upper_bound",
    "seed": "random_state random_seed rng",
    "weights": "checkpoint_path model_path pretrained_model_name_or_path foundation_model pretrained",
    # the network
    "cell": "cell_type rnn_type rnn_cell rnn cell_class",
    "hidden_size": "hidden hidden_dim hidden_dims hidden_units hidden_features n_hidden units num_units "
    "rnn_units lstm_units lstm_size num_cells encoder_hidden_size hidden_layer_sizes d_model "
    "state_size n_neurons width",
    "decoder_hidden_size": "decoder_units decoder_hidden_dim",
    "num_layers": "n_layers layers n_rnn_layers num_rnn_layers rnn_layers lstm_layers num_hidden_layers "
    "encoder_layers encoder_n_layers depth",
    "decoder_num_layers": "decoder_layers decoder_n_layers n_decoder_layers",
    "dropout": "dropout_rate dropout_prob drop_rate drop p_dropout encoder_dropout hidden_dropout_prob "
    "recurrent_dropout",
    "bidirectional": "bidir bi_directional",
    "embedding_size": "embed_dim embedding_dim embedding_dimension emb_dim embed_size emb_size "
    "embedding_length",
    "attention_heads": "n_head n_heads num_heads num_attention_heads nhead heads attention_head_size",
    "encoder_heads": "encoder_attention_heads n_encoder_heads nhead n_head n_heads num_heads heads",
    "feedforward_size": "dim_feedforward ffn_dim d_ff d_ffn ff_dim encoder_ffn_dim intermediate_size "
    "feedforward_dim",
    "kernel_size": "kernel kernel_width conv_kernel filter_size",
    "convolution_layers": "num_conv_layers n_conv_layers conv_layers",
    "positions": "positional_encoding position_encoding pos_encoding positional_embedding pos_embed",
    "num_positions": "max_position_embeddings max_positions max_source_positions",
    "reversed_source": "reverse_source reverse reverse_input reverse_inputs",
    "attention_window": "window attention_window_size local_window",
    "attention": "attention_type use_attention attn attention_mechanism",
    # the training
    "max_steps": "num_steps n_steps training_steps max_iter n_iter num_iterations iterations steps_per_epoch",
    "epochs": "max_epochs n_epochs num_epochs nb_epochs num_train_epochs train_epochs",
    "max_time": "time_limit time_budget max_seconds max_runtime timeout training_time",
    "learning_rate": "lr learning_rate_init base_lr max_lr init_lr eta step_length",
    "batch_size": "bs batch batchsize windows_batch_size mini_batch_size minibatch_size train_batch_size "
    "per_device_train_batch_size",
    "optimizer": "optim optimiser optimizer_cls solver",
    "momentum": "nesterov_momentum",
    "weight_decay": "wd l2 l2_regularization regularization",
    "schedule": "scheduler lr_scheduler lr_scheduler_type lr_schedule lr_scheduler_cls",
    "warmup": "warmup_steps warmup_ratio num_warmup_steps lr_warmup",
    "clip_norm": "gradient_clip_val grad_clip gradient_clip gradient_clipping clipnorm max_grad_norm "
    "clip_grad",
    "ema": "ema_decay use_ema",
    "members": "n_models num_models n_estimators ensemble_size n_members n_seeds",
    "teacher_forcing": "teacher_forcing_ratio teacher_forcing_prob teacher_forcing_rate scheduled_sampling "
    "teacher_force",
    "validation_size": "val_size valid_size validation_split validation_fraction val_split val_fraction "
    "validation_length",
    "freeze": "frozen freeze_encoder freeze_layers trainable",
    "validation_every": "val_check_steps val_check_interval eval_every eval_steps check_val_every_n_epoch",
    "patience": "early_stop_patience_steps early_stopping early_stopping_patience early_stopping_rounds "
    "n_iter_no_change early_stop",
    "device": "accelerator use_gpu gpu gpus cuda devices",
    "precision": "fp16 bf16 dtype mixed_precision amp",
    "progress": "verbose verbosity progress_bar enable_progress_bar show_progress disable_tqdm "
    "show_progress_bar pbar",
    # forecasts
    "levels": "level interval_width alpha coverage confidence confidence_level conf_int return_conf_int "
    "ci prediction_interval quantiles quantile_levels q",
    "num_samples": "n_samples nsamples num_parallel_samples num_paths n_paths",
    "future": "X_df futr_df X futr future_df future_X exog future_exog known_covariates fcst_df x_future",
    # autoencoders
    "window_length": "window window_size seq_len sequence_length seq_length time_steps timesteps lookback",
    "latent_size": "latent_dim latent_dims latent n_latent encoding_dim encoding_size code_size bottleneck "
    "bottleneck_size n_components",
    "false_alarms": "contamination nu false_alarm_rate anomaly_fraction outlier_fraction outliers_fraction",
    "noise": "corruption corruption_level noise_factor noise_std denoise",
    # comparisons
    "windows": "n_windows num_windows folds n_folds n_splits num_splits cutoffs num_val_windows n_cutoffs cv",
    "step": "step_size stride step_length",
    "refit": "retrain refit_every fit_every retrain_every",
    "trials": "n_trials num_trials max_trials max_evals",
    "jobs": "n_jobs num_workers workers n_workers parallel num_cpus",
    "space": "search_space param_grid param_distributions param_space config hp_space search_spaces",
    "timeout": "max_time time_limit",
    "metrics": "metric measures scoring",
    "metric": "metrics scoring direction",
    "train": "train_df insample y_train training_data insample_y",
    # text
    "beam_size": "beam_width num_beams n_beams beams beam k",
    "n_best": "num_return_sequences nbest n_hypotheses",
    "max_length": "max_new_tokens max_len max_target_length max_decode_length max_output_length",
    "min_length": "min_new_tokens min_len",
    "no_repeat_ngram": "no_repeat_ngram_size block_ngram_repeat ngram_blocking",
    "groups": "num_beam_groups beam_groups n_groups",
    "diversity": "diversity_penalty diversity_rate diversity_strength",
    "stop": "early_stopping",
    "temperature": "do_sample temp",
    "length_penalty": "length_penalty_alpha len_penalty lenpen",
    "max_vocabulary": "vocab_size max_vocab max_vocab_size max_tokens vocabulary_size",
    "min_count": "min_freq min_frequency",
    "label_smoothing": "smoothing label_smoothing_factor label_smooth",
    "tied": "tie_weights tie_word_embeddings tie_embeddings share_embeddings",
    "tokenizer": "tokeniser tokenizer_type src_tokenizer level_of_tokens",
    "target_tokenizer": "tgt_tokenizer",
    "sources": "src source inputs texts",
    "targets": "tgt target labels references",
}

#: What must be known of a name that does not mean quite the same here.
NOTES = {
    "alpha": "in percent, such as 90",
    "coverage": "in percent, such as 90",
    "confidence": "in percent, such as 90",
    "confidence_level": "in percent, such as 90",
    "interval_width": "in percent, such as 90",
    "warmup_steps": "a share of the training steps",
    "num_warmup_steps": "a share of the training steps",
    "validation_split": "in time steps at the end of each series",
    "validation_fraction": "in time steps at the end of each series",
    "val_split": "in time steps at the end of each series",
}


def names_here(name: str) -> list[str]:
    """Return our names for what another library calls ``name``, in order of the table; often none.

    Examples
    --------
    >>> names_here("lr"), names_here("h"), names_here("colour")
    (['learning_rate'], ['horizon'], [])
    """
    return [ours for ours, theirs in _TABLE.items() if name in theirs.split()]
